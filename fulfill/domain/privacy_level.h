/*
 * privacy_level.h - how much a reseller lets us know about its customers.
 *
 * Values above the level are refused where they arrive, not hidden later: what was never
 * stored needs no erasing.  The rows stand in privacy_level.def.
 *
 * Pure functions.
 */
#pragma once

#include "queue/err.h"

typedef enum PrivacyLevel {
#define LEVEL(id, name, sentence) PRIVACY_##id,
#define FIELD(field, level, sentence)
#include "fulfill/domain/privacy_level.def"
#undef LEVEL
#undef FIELD
	PRIVACY_LEVELS
} PrivacyLevel;

const char *privacy_level_name(PrivacyLevel level);
const char *privacy_level_sentence(PrivacyLevel level);

/* The level of a word as the store and the master data have it; INVALID. */
bool privacy_level_from_name(
    const char *name, PrivacyLevel *ret, GError **error) MUST_USE;

/* The least level at which this value of a customer ("company", "name", "email",
 * "address") is kept; PRIVACY_PSEUDONYM for those that say nothing about a person. */
PrivacyLevel privacy_level_needed(const char *field);

/* The least level at which a channel ("email", "post", "portal") reaches a customer: mail
 * needs an email address, a letter a postal one. */
PrivacyLevel privacy_level_of_channel(const char *channel);
