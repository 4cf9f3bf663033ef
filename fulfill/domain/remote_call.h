/*
 * remote_call.h - things that happen at a service elsewhere, each once.
 *
 * The domain plans a call and its job in the transaction that makes it necessary; the
 * work layer makes it (fulfill/work/remote_turn.h).  What became of it is recorded here,
 * in the transaction that settles the job.
 *
 *   mint     a licence is made and its ticket comes back; the order is issued when all
 *            its tickets are here
 *   extend   a renewal is told
 *   recall   likewise
 *   assign   the delivery of a ticket by portal
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/issue.h"
#include "fulfill/domain/ticket.h"
#include "queue/job_admin.h"

#define JOB_KIND_REMOTE "remote" /* ref: remote_call.id */

typedef struct RemoteCall {
	int64_t id;
	char *verb;
	char *key;
	char *state; /* waiting, done, refused */
	bool portal;
	int64_t order_id;
	int64_t ticket_id;   /* 0: mint */
	int64_t delivery_id; /* 0: no assign */
	bool withdrawn;      /* what it is for was recalled or taken back meanwhile */
	json_t *context;     /* what templates see; no ticket code */
} RemoteCall;

void remote_call_free(RemoteCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RemoteCall, remote_call_free)

/* Is the ticket's issuer a service? */
bool issuer_is_remote(const IssueContext *context);

/*
 * Before an order is issued: plans what is not planned, and says how many of its tickets
 * are not here yet.  *ret_refused is why one never will be (to be freed), or NULL.
 */
bool remote_call_order(DbTx *tx, const IssueContext *context, int64_t order_id,
    int *ret_waiting, char **ret_refused, GError **error) MUST_USE;

/* A ticket that came.  1: *ret is filled.  0: none is here. */
int remote_call_made(
    Db *db, int64_t order_line_id, int seq, TicketMade *ret, GError **error) MUST_USE;
/* The first day that was asked for; 0: none was. */
int remote_call_first_day(
    Db *db, int64_t order_line_id, Day *ret, GError **error) MUST_USE;
/* It was issued: only the ticket keeps the code. */
bool remote_call_used(DbTx *tx, int64_t order_line_id, int seq, GError **error) MUST_USE;

/* Plans a call about a ticket; each key once. */
bool remote_call_extend(DbTx *tx, int64_t ticket_id, int k, int quantity, Day last_day,
    GError **error) MUST_USE;
bool remote_call_recall(DbTx *tx, int64_t ticket_id, GError **error) MUST_USE;
bool remote_call_assign(
    DbTx *tx, int64_t ticket_id, int64_t delivery_id, GError **error) MUST_USE;

RemoteCall *remote_call_get(Db *db, int64_t id, GError **error) MUST_USE;

/* It is about to leave. */
bool remote_call_start(DbTx *tx, const RemoteCall *call, GError **error) MUST_USE;

/* What became of it.  `made` is the ticket of a mint, else NULL; `ref` and `answer` may
 * be NULL. */
bool remote_call_done(DbTx *tx, const RemoteCall *call, const TicketMade *made,
    const char *ref, const char *answer, GError **error) MUST_USE;
bool remote_call_refused(
    DbTx *tx, const RemoteCall *call, const char *why, GError **error) MUST_USE;
bool remote_call_put_off(
    DbTx *tx, const RemoteCall *call, const char *why, GError **error) MUST_USE;
bool remote_call_lost(
    DbTx *tx, const RemoteCall *call, const char *why, GError **error) MUST_USE;

/* An operator's verb was applied to its job: the call, and the delivery it is, follow.
 * CONFLICT: a mint cannot be declared done, for nobody has its ticket. */
bool remote_call_by_hand(
    DbTx *tx, int64_t id, JobVerb verb, const char *why, GError **error) MUST_USE;

/* ---- what became of tickets there ---- */

typedef struct RemotePoll {
	int64_t ticket_id;
	bool portal;
	char *ref; /* its name there */
} RemotePoll;

void remote_poll_free(RemotePoll *poll);

/* Up to `max` tickets that a service knows and was not asked about since `before_at`, the
 * longest first; a time that is still to come is a clock that went back.  RemotePoll *.
 */
GPtrArray *remote_poll_due(Db *db, int64_t before_at, int max, GError **error) MUST_USE;

/* `state` is ours, or NULL when the service's word is not in the file. */
bool remote_poll_told(DbTx *tx, const RemotePoll *poll, const char *theirs,
    const char *state, GError **error) MUST_USE;
