/*
 * privacy_person.h - who is meant, when somebody asks for their data or their erasure.
 *
 * One person may be a customer of several resellers, a user and an employee; each of
 * these is a member.  An address alone is a member too, for mails that no row leads to.
 */
#pragma once

#include "fulfill/domain/erase.h"

typedef struct PrivacyMember {
	EraseScope scope;
	int64_t id;         /* 0: an address */
	int64_t created_at; /* of that row; with the id it names it for ever */
	char *email;        /* lower case; ERASE_EMAIL only */
	char *label; /* for reports, without a word about the person: "customer 17 of
			R-100" */
} PrivacyMember;

typedef struct PrivacyPerson {
	GPtrArray *members; /* of PrivacyMember * */
	GPtrArray *texts; /* char *: names, addresses, numbers that may stand elsewhere */
} PrivacyPerson;

void privacy_person_free(PrivacyPerson *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivacyPerson, privacy_person_free)

/*
 * By email address: everything with it.  By "R-100/C-77" or "C-77": that customer.  By
 * staff number: that employee.  NOT_FOUND; CONFLICT when several customers have that
 * number (the text names them); REFUSED for a vendor or reseller, who is no person.
 */
PrivacyPerson *privacy_person_find(Db *db, const char *who, GError **error) MUST_USE;

/* The one that an erasure of before names; NULL without error: not in this store. */
PrivacyPerson *privacy_person_again(
    Db *db, EraseScope scope, int64_t id, int64_t created_at, GError **error) MUST_USE;
/* Likewise by address. */
PrivacyPerson *privacy_person_of_email(
    Db *db, const char *email, GError **error) MUST_USE;

/* Every address in the store, in lower case, each once: to know one by its hash. */
GPtrArray *privacy_emails(Db *db, GError **error) MUST_USE;

/* What $1 of a part's statements is for this member. */
DbValue privacy_member_value(const PrivacyMember *member);

/* Does `text` name the person? */
bool privacy_person_is_named(const PrivacyPerson *person, const char *text);
