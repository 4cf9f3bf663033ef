/*
 * mail_sender.h - who may send orders and commands by mail: the users of parties.
 *
 * A From field proves nothing; mail_proof.h says when a mail is somebody's.  Here is only
 * whose it would be.
 */
#pragma once

#include "queue/db.h"

typedef struct MailSender {
	int64_t user_id;
	int64_t party_id;
	char *party; /* its code */
	char *email;
	char *name;       /* or NULL */
	char *language;   /* of the party, or NULL */
	char *brand;      /* of the party, or NULL */
	char *party_name; /* or NULL */
	bool vendor;      /* the party is the vendor itself */
} MailSender;

void mail_sender_free(MailSender *sender);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailSender, mail_sender_free)

/* The users of this address, one for each party it belongs to; the caller's.  `email` as
 * addr_normal() spells it. */
GPtrArray *mail_sender_by_email(Db *db, const char *email, GError **error) MUST_USE;

/* 1: *ret is the caller's.  0: there is no such user any more. */
int mail_sender_find(Db *db, int64_t user_id, MailSender **ret, GError **error) MUST_USE;

/* The public key with which a user signs its orders; NULL takes it away. */
bool mail_sender_put_key(
    DbTx *tx, int64_t user_id, const char *minisign, GError **error) MUST_USE;

/* Calls fn for each key, until it says false. */
bool mail_sender_keys(Db *db, bool (*fn)(void *user, int64_t user_id, const char *key),
    void *user, GError **error) MUST_USE;
