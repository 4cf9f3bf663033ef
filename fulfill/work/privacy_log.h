/*
 * privacy_log.h - the erasure log: a JSON line for each member of a person that was
 * erased, in the privacy folder.  Nobody is named in it: ids and times of rows, and a
 * keyed hash of an address.
 */
#pragma once

#include "fulfill/domain/privacy.h"

typedef struct PrivacyLogLine {
	char *key;
	EraseScope scope;
	int64_t ref;
	int64_t ref_at;
	bool has_mac;
	uint8_t mac[HASH_BYTES];
	char *actor;
	char *reason;
	int64_t at;
} PrivacyLogLine;

void privacy_log_line_free(PrivacyLogLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivacyLogLine, privacy_log_line_free)

/* Appends lines (PrivacyLogLine *) and syncs file and folder; makes the folder. */
bool privacy_log_append(
    const char *folder, const GPtrArray *lines, GError **error) MUST_USE;

/* PrivacyLogLine *, oldest first; none when there is no log.  INVALID names the line. */
GPtrArray *privacy_log_read(const char *folder, GError **error) MUST_USE;
