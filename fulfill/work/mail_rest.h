/*
 * mail_rest.h - recipient domains that refuse us as a sender, and rest for a while.
 *
 * A provider that answers 5.7.26 (not authenticated), 5.7.25 (no reverse name) and the
 * like means every mail of ours, not the one in hand: trying the others too makes our
 * name worse. Known to one worker; another learns it by itself.  What reports said
 * (domain/mail_domain.h) is known to all: a mail that was taken does not end such a rest,
 * it may come back as well.
 */
#pragma once

#include "queue/db.h"

typedef struct MailRest MailRest;

MailRest *mail_rest_new(void);
void mail_rest_free(MailRest *rest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailRest, mail_rest_free)

/* The domain of `address` refused us at `now_us` (monotonic): it rests 15 minutes, twice
 * as long each time in a row, four hours at most.  Returns for how many microseconds. */
int64_t mail_rest_add(MailRest *rest, const char *address, int64_t now_us);

/* It took a mail: the next refusal starts over. */
void mail_rest_end(MailRest *rest, const char *address);

/* For how much longer the domain of `address` rests, in microseconds; 0: it does not. */
int64_t mail_rest_left(const MailRest *rest, const char *address, int64_t now_us);

/* Takes over which domains rest by reports, every few seconds. */
bool mail_rest_load(MailRest *rest, Db *db, int64_t now_us, GError **error) MUST_USE;
