/*
 * mail_domain.h - domains that took mails of ours and then sent them back as unwanted.
 *
 * A server that says 5.7.26 in a report minutes after its 250 means the same as one that
 * says so at once: every mail of ours, not this one.  Reports are read by another process
 * than sends, so these rests are rows; those of replies are in work/mail_rest.h.
 */
#pragma once

#include "queue/db.h"

/* The domain of `address` rests 15 minutes; twice as long when it did within the last
 * day, four hours at most.  *ret_us: for how long; 0: it rests already. */
bool mail_domain_refused(DbTx *tx, const char *address, const char *reason,
    int64_t *ret_us, GError **error) MUST_USE;

/* Calls fn for each domain that rests after `now_at`. */
bool mail_domain_each(Db *db, int64_t now_at,
    void (*fn)(void *user, const char *domain, int64_t until_at), void *user,
    GError **error) MUST_USE;
