/*
 * mail_out.h - messages that leave: what they are made of, and what became of them.
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"
#include "queue/hash.h"
#include "queue/job_admin.h"

#define MAIL_SEED_BYTES 16

/* One message as it is stored.  Its bytes are a function of this and of the templates. */
typedef struct MailOut {
	int64_t id;
	int64_t order_id;
	char *text; /* a name of templates/texts.def */
	char *to_email;
	char *to_name; /* or NULL */
	char *language;
	char *brand;   /* or NULL */
	char *context; /* JSON, without codes */
	uint8_t seed[MAIL_SEED_BYTES];
	int64_t date_at;
	bool has_hash; /* it was on the wire before */
	uint8_t hash[HASH_BYTES];
	GPtrArray *sealed; /* of MailSealed *, in the order of the tickets */
	bool recalled;     /* all its tickets are: it must not leave */
	/* Of letters: see mail_letter.h. */
	char *reply_to;    /* or NULL */
	char *in_reply_to; /* or NULL */
	char **references; /* or NULL */
	bool recurring;
	bool null_sender;
	GPtrArray *parts; /* of MailOutPart * */
	/* Set by mail_key_load(): to whom it is encrypted, and what was made of it
	 * before. */
	struct EncryptKey *key; /* or NULL */
	GBytes *made;           /* or NULL */
} MailOut;

/* A file that comes along, as it is stored. */
typedef struct MailOutPart {
	char *type;
	char *name;
	GBytes *bytes;
} MailOutPart;

typedef struct MailSealed {
	int64_t ticket_id;
	GBytes *bytes;  /* the sealed code; empty: wiped */
	GBytes *lookup; /* what was stored beside it */
} MailSealed;

void mail_out_free(MailOut *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailOut, mail_out_free)

MailOut *mail_out_get(Db *db, int64_t id, GError **error) MUST_USE;

/* 1.  0: there is none; after a restore a report may be about a mail that never was.  -1
 */
int mail_out_try(Db *db, int64_t id, MailOut **ret, GError **error) MUST_USE;

/* Is about to leave: deliveries are in flight, and the bytes are noted. */
bool mail_out_start(DbTx *tx, int64_t id, const uint8_t hash[HASH_BYTES], int64_t size,
    GError **error) MUST_USE;

/* What became of it; `detail` is the reply or reason, one line.  In the transaction that
 * settles its job. */
bool mail_out_sent(DbTx *tx, int64_t id, const char *detail, GError **error) MUST_USE;
bool mail_out_put_off(DbTx *tx, int64_t id, const char *detail, GError **error) MUST_USE;
bool mail_out_lost(DbTx *tx, int64_t id, const char *detail, GError **error) MUST_USE;
bool mail_out_given_up(DbTx *tx, int64_t id, const char *detail, GError **error) MUST_USE;
bool mail_out_held(DbTx *tx, int64_t id, const char *detail, GError **error) MUST_USE;

/* Dead jobs of kind "mail" whose deliveries do not know it yet; JobInfo *. */
GPtrArray *mail_out_forsaken(Db *db, GError **error) MUST_USE;

/* The latest message of a ticket (`order_id` 0) or of an order; for previews.  1/0/-1. */
int mail_out_find(Db *db, int64_t ticket_id, int64_t order_id, int64_t *ret_id,
    GError **error) MUST_USE;

/* The order of a message (0: none), and its first ticket masked (NULL: it has none; the
 * caller's). */
bool mail_out_about(DbTx *tx, int64_t id, int64_t *ret_order_id, char **ret_masked,
    GError **error) MUST_USE;
