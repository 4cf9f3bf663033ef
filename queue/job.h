/*
 * job.h - things to be done once, later, and surely.
 *
 * A job is a promise that one effect will happen: tickets are issued, a message reaches
 * the relay, a batch is printed.  The queue knows when a job is due, who holds it and how
 * often it was tried.  It does not know what it means: kind, ref and payload are the
 * caller's.
 *
 * Delivery is at least once: a worker can die between the effect and job_settle(), and
 * the job returns when its lease lapses.  A handler calls job_arm() at the point of no
 * return; a job lost after that does not simply return, it waits in doubt.
 *
 * The caller
 *   1. job_add()s inside the transaction that makes the job necessary,
 *   2. job_claim()s a batch that is due,
 *   3. prepares everything that can still fail harmlessly,
 *   4. job_arm()s what it is about to do,
 *   5. does it, calling job_extend() before half the lease is gone,
 *   6. job_settle()s each with what happened, in the transaction that records the effect.
 *
 * Every move is an UPDATE whose WHERE names the old state and the fence, so that the
 * database refuses an illegal or stale one even from a worker that slept through its
 * lease.
 */
#pragma once

#include "queue/db.h"

typedef enum JobState {
#define STATE(id, name, sentence) JOB_##id,
#define MOVE(from, event, to, sentence)
#include "queue/job_state.def"
#undef STATE
#undef MOVE
	JOB_N_STATES
} JobState;

const char *job_state_name(JobState state);
const char *job_state_sentence(JobState state);

/* May a second run happen without a person or a probe having looked? */
typedef enum JobEffect {
	JOB_ONCE,  /* money or paper: never by itself */
	JOB_AGAIN, /* a nuisance at worst: doubt ends by itself when it is due */
} JobEffect;

/* What the queue may be asked to do; one table, handed over once at start.  A new kind
 * also needs a curve (job_retry.h) and a handler. */
typedef struct JobKind {
	const char *name;
	const char *curve; /* a row of job_retry.c */
	int priority;      /* of its jobs; 0 first */
	int lease_s;       /* seconds a claim lasts without job_extend() */
	int attempts;      /* 0: no limit but the curve's own */
	int doubt_after_s; /* JOB_AGAIN: how long doubt lasts */
	JobEffect effect;
} JobKind;

/* `kinds` is borrowed for ever. */
void job_kinds_set(const JobKind *kinds, size_t n);
const JobKind *job_kind_find(const char *name); /* NULL: unknown */

/* A worker that vanishes with a job this often does not get it again. */
#define JOB_MAX_LAPSES 3

/* What the caller promises to do.  Strings are borrowed for the call. */
typedef struct JobSpec {
	const char *kind;
	int64_t ref;
	const char *key;     /* unique for ever */
	const char *subject; /* for people */
	const char *payload; /* JSON of at most LIMIT_JOB_PAYLOAD_BYTES, or NULL */
	const char *hold;    /* born held, with this reason; or NULL */
	int64_t due_at;      /* 0: now */
} JobSpec;

typedef struct Job {
	int64_t id;
	const JobKind *kind;
	int64_t ref;
	char *payload; /* or NULL */
	char *subject;
	int attempt; /* 1 on the first try */
	int lapses;
	int64_t fence;
	int64_t lease_until_at;
	int64_t created_at;
	bool armed; /* job_arm() succeeded */
} Job;

void job_free(Job *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)

/* 1: added.  0: a job with this key exists, nothing changes: that makes adding
 * repeatable.  Whoever waits in db_wait() is told after the commit. */
int job_add(DbTx *tx, const JobSpec *spec, GError **error) MUST_USE;

/*
 * Takes up to `max` due jobs of one kind, first by (priority, due_at, id), and leases
 * them to `owner`; in one transaction of its own.  Claiming counts as an attempt, before
 * the work: a job that kills its worker every time still reaches its limit.  Jobs whose
 * worker vanished before are handed out one at a time, so that a poison job does not take
 * others with it.  When none is due, nothing is written.
 *
 * Appends Job * (to be freed with job_free) to `jobs`.  Returns how many; -1: BUSY, IO.
 */
int job_claim(Db *db, const JobKind *kind, const char *owner, int max, GPtrArray *jobs,
    GError **error) MUST_USE;

/* The same inside the caller's transaction, to save a commit. */
int job_claim_in(DbTx *tx, const JobKind *kind, const char *owner, int max,
    GPtrArray *jobs, GError **error) MUST_USE;

/* Marks the point of no return for each of `jobs` (Job *); `armed` is set in those that
 * are still ours, the others must be left alone.  The caller's commit must stand before
 * the first byte leaves. */
bool job_arm(DbTx *tx, GPtrArray *jobs, GError **error) MUST_USE;

/* Prolongs the leases by the kind's lease_s; those lost meanwhile are skipped. */
bool job_extend(DbTx *tx, GPtrArray *jobs, GError **error) MUST_USE;

/* What happened to the effect; not what to do next: the kind's curve and effect decide
 * that. */
typedef enum JobHow {
	JOB_HOW_DONE,    /* it happened */
	JOB_HOW_RETRY,   /* it surely did not; try later */
	JOB_HOW_FAIL,    /* it did not, and never will */
	JOB_HOW_LOST,    /* nobody knows */
	JOB_HOW_RELEASE, /* not tried: give the attempt back */
} JobHow;

/*
 * Ends this attempt.  `why` is NULL for DONE.  `due_at` 0 lets the curve decide when to
 * try again; RELEASE uses it as it is (0: now).
 *
 * 1: recorded; *ret_state (may be NULL) says where the job is now: JOB_DEAD is the moment
 * to tell its owner. 0: the lease was lost meanwhile and another worker has the job:
 * leave it alone, and roll back what the transaction recorded about it.
 */
int job_settle(DbTx *tx, const Job *job, JobHow how, const char *why, int64_t due_at,
    JobState *ret_state, GError **error) MUST_USE;

/*
 * Ends leases whose time is over: leased goes back to ready (or dead, after
 * JOB_MAX_LAPSES), acting goes to doubt; and doubt of JOB_AGAIN kinds that is due goes
 * back to ready.  Any worker may call it at any time; once a second is enough.  `ret_n`
 * may be NULL.
 */
bool job_sweep(Db *db, int64_t *ret_n, GError **error) MUST_USE;

/*
 * Ends every lease of `owner` on jobs of a kind (NULL: all kinds), as if it had vanished:
 * for a worker that does not know any more what it holds, because the reply to a commit
 * was lost (UNCERTAIN).  The next sweep does the rest.
 */
bool job_drop_leases(
    DbTx *tx, const char *owner, const char *kind, GError **error) MUST_USE;

/* The earliest due_at of a claimable job of this kind.  1 / 0: none / -1. */
int job_next_due(Db *db, const JobKind *kind, int64_t *ret_at, GError **error) MUST_USE;

/* Is there anything to claim?  1 / 0 / -1.  Writes nothing and asks for no lock: an idle
 * worker leaves the store to others. */
int job_is_due(Db *db, const JobKind *kind, GError **error) MUST_USE;
