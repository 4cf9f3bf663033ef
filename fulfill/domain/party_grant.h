/*
 * party_grant.h - users, and the rights that a party or user was given.
 */
#pragma once

#include "fulfill/domain/json_read.h"
#include "queue/db.h"

/* The actions of a right. */
#define GRANT_ACTIONS "create|modify|revoke|view|resend|export|print|create-user"

/* Replaces the grants of a party or a user (the other id is 0) by the "grants" list of
 * the record; faults are added to the record's. */
bool grants_import(DbTx *tx, JsonRead *record, int64_t party_id, int64_t user_id,
    GError **error) MUST_USE;
