/*
 * report_sent.h - which reports went out by themselves: once for each report, period and
 * party.
 */
#pragma once

#include "queue/db.h"

typedef struct ReportSent {
	const char *key; /* "statement/2027-04/17"; unique */
	const char *report;
	const char *period;
	int64_t party_id; /* 0: everybody's */
	bool done;
	const char *target; /* "mail", "folder", "mail,folder", "nothing" */
	const char *detail; /* what went wrong, or the files; or NULL */
	int64_t mail_id;    /* 0: none */
} ReportSent;

/* 1: it went out.  0: it did not; *ret_failed_at (may be NULL) is when it was tried last,
 * 0: never. */
int report_sent_find(
    Db *db, const char *key, int64_t *ret_failed_at, GError **error) MUST_USE;

/* Records a try, and counts it. */
bool report_sent_put(DbTx *tx, const ReportSent *sent, GError **error) MUST_USE;

typedef struct ReportSentRow {
	const char *key;
	const char *report;
	const char *period;
	const char *party; /* code, or NULL */
	const char *state;
	const char *target;
	const char *detail;
	int64_t attempts;
	int64_t changed_at;
} ReportSentRow;

/* The `limit` newest. */
bool report_sent_list(Db *db, int limit, void (*fn)(void *user, const ReportSentRow *row),
    void *user, GError **error) MUST_USE;
