/*
 * job_admin.h - what an operator does with the queue: look, hold, release, retry, cancel,
 * resolve.  Workers use job.h.
 */
#pragma once

#include "queue/job.h"

/* A job as people see it. */
typedef struct JobInfo {
	int64_t id;
	char *kind;
	int64_t ref;
	char *key;
	char *subject;
	char *state;
	char *hold; /* or NULL */
	int64_t due_at;
	int attempts;
	int lapses;
	char *lease_owner; /* or NULL */
	int64_t lease_until_at;
	char *last_error; /* or NULL */
	int64_t created_at;
	int64_t done_at; /* 0: still open */
} JobInfo;

void job_info_free(JobInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JobInfo, job_info_free)

/* NULL or "" for any.  `held` asks for held jobs only, `open` for those not ended. */
typedef struct JobFilter {
	const char *kind;
	const char *state;
	bool held;
	bool open;
	int limit; /* 0: no limit */
} JobFilter;

/* A GPtrArray of JobInfo *, oldest first. */
GPtrArray *job_list(Db *db, const JobFilter *filter, GError **error) MUST_USE;

/* NOT_FOUND when there is none. */
JobInfo *job_get(Db *db, int64_t id, GError **error) MUST_USE;

/* The operator's verbs; a row each in job_admin.c says from which states they lead where.
 */
typedef enum JobVerb {
	JOB_VERB_RETRY,   /* ready: due now; dead: revived; doubt: again */
	JOB_VERB_HOLD,    /* ready, doubt: not before a person releases it */
	JOB_VERB_RELEASE, /* a held one goes on */
	JOB_VERB_CANCEL,  /* ready, doubt, dead: withdrawn */
	JOB_VERB_RESOLVE, /* doubt: the effect was found */
} JobVerb;

/* `why` is kept with the job (hold reason, last error).  CONFLICT when the job is not in
 * a state from which the verb leads on; the text names both. */
bool job_do(DbTx *tx, int64_t id, JobVerb verb, const char *why, GError **error) MUST_USE;

/* Holds or releases every open job of a kind (NULL: all kinds); `ret_n` counts them. */
bool job_hold_all(
    DbTx *tx, const char *kind, const char *why, int64_t *ret_n, GError **error) MUST_USE;
bool job_release_all(DbTx *tx, const char *kind, int64_t *ret_n, GError **error) MUST_USE;

/* The same by what the job is about. */
bool job_cancel_ref(
    DbTx *tx, const char *kind, int64_t ref, const char *why, GError **error) MUST_USE;
bool job_hold_ref(
    DbTx *tx, const char *kind, int64_t ref, const char *why, GError **error) MUST_USE;

/* What waits for its time is due now: what it waited for has come. */
bool job_wake_ref(DbTx *tx, const char *kind, int64_t ref, GError **error) MUST_USE;

/* Calls fn(state name, count) for each state that has jobs. */
bool job_count(Db *db, void (*fn)(void *user, const char *state, int64_t n), void *user,
    GError **error) MUST_USE;

/* How many jobs of a kind (NULL: all) are due or in work now. */
bool job_pending(Db *db, const char *kind, int64_t *ret_n, GError **error) MUST_USE;

/* Since when the oldest due job waits; 0: none is due. */
bool job_oldest_ready_at(Db *db, int64_t *ret_at, GError **error) MUST_USE;
