/*
 * submit.h - a document becomes orders, and an answer for each of its lines.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/order.h"
#include "fulfill/work/work.h"

typedef struct SubmitOptions {
	const char *source; /* of orders that name none */
	/* Address of the user who sends it, whose rights count; NULL: the parties
	 * themselves. One who is a user of several parties acts for the one that the
	 * order names; an order that names none is for the user's own. */
	const char *sender;
	int64_t user_id;   /* the user itself, for those who know; 0: see sender */
	bool at_once;      /* tickets are made in the same transaction, whoever orders */
	bool source_fixed; /* a document that names another source is refused */
	bool dry_run;      /* everything but the commit */
	bool may_be_cut;   /* from a drop folder: see intake.h */
} SubmitOptions;

typedef struct SubmitCount {
	int accepted;
	int duplicate;
	int rejected;
	int held;
} SubmitCount;

/*
 * Takes all orders of a document.  Orders are committed by the hundreds; what was
 * committed is in `answers`, a list to which an object per order is appended, as
 * design.md section 7 says.
 *
 * false: INVALID when the document cannot be read at all (nothing was taken), or the
 * store's trouble (what is not in `answers` was not taken).
 */
bool submit_bytes(Work *work, const void *bytes, size_t size,
    const SubmitOptions *options, json_t *answers, SubmitCount *count,
    GError **error) MUST_USE;

/* How the settings judge orders. */
OrderPolicy submit_policy(const Work *work);

/* A full disk is noticed before an order is accepted, not after (R19): IO. */
bool submit_check_disk(const Work *work, GError **error) MUST_USE;

/* Takes one order inside the caller's transaction, and appends its answer. */
bool submit_place(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, json_t *answers,
    SubmitCount *count, int64_t *ret_id, GError **error) MUST_USE;

/* A file, or "-" for stdin; at most LIMIT_ORDER_FILE_BYTES. */
bool submit_read(const char *path, GBytes **ret, GError **error) MUST_USE;
