/*
 * mail_people.h - what a party's admins may do with its users by proved mail.
 *
 *   user ADDRESS [PARTY]          makes an ordinary user, without rights: of the sender's
 *                                 party, or of one below
 *   remove ADDRESS [PARTY]        they may do nothing any more
 *   group NAME ADDRESS            puts a user into a group, which is made when there is
 * none ungroup NAME ADDRESS          takes one out of it
 *
 * With the same rights as the commands (rights_admin.h): a customer's admin, or a user
 * with create-user at a reseller.  One person may be a user of several parties: then
 * PARTY says which is meant.
 */
#pragma once

#include "fulfill/work/mail_proof.h"

bool mail_people_has(const char *verb);

/*
 * `users`: of MailSender, the users the sender may be.  `argument`: what follows the verb
 * in the subject.  *ret_news: what became of it, to be freed.  Refusals are INVALID,
 * NOT_FOUND, EXISTS, DENIED and CONFLICT, with nothing done.
 */
bool mail_people_do(DbTx *tx, const GPtrArray *users, const char *verb,
    const char *argument, char **ret_news, GError **error) MUST_USE;
