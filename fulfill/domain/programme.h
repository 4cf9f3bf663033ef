/*
 * programme.h - a programme: which product, for whom, how long, when (C13).
 *
 * Loaded by staff.h; here it is read, and the questions are answered that need no store.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/schedule.h"
#include "fulfill/domain/term.h"
#include "queue/db.h"

typedef struct Programme {
	int64_t id;
	char *code;
	int64_t product_id;
	char *sku;
	bool demo; /* else nfr */
	json_t *audience;
	Term term;
	char *rule;
	char *at;
	char *zone; /* never NULL */
	Day start_day;
	bool renew;
	int lead_days;
	int number;    /* licences a person */
	int per_month; /* that a person may ask for by mail; 0: none */
	bool paused;
} Programme;

void programme_free(Programme *programme);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Programme, programme_free)

/* Programme *, all or the one of `code`; `zone` is the gateway's, for those that name
 * none. */
GPtrArray *programme_list(
    Db *db, const char *code, GTimeZone *zone, GError **error) MUST_USE;

/* NOT_FOUND. */
Programme *programme_get(
    Db *db, const char *code, GTimeZone *zone, GError **error) MUST_USE;

/* When it runs.  `holidays` may be NULL and outlives it.  INVALID, CONFIG. */
Schedule *programme_schedule(
    const Programme *programme, const Holidays *holidays, GError **error) MUST_USE;

/* Somebody of the staff.  Texts are owned. */
typedef struct ProgrammePerson {
	int64_t id;
	char *code;
	char *email;
	char *name; /* or NULL, like the rest */
	char *language;
	char *department;
	Day from_day;
	Day until_day; /* DAY_MAX: open */
} ProgrammePerson;

void programme_person_free(ProgrammePerson *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProgrammePerson, programme_person_free)

/* ProgrammePerson * employed on `day`, by id, after `after_id`, at most `max`. */
GPtrArray *programme_people(
    Db *db, Day day, int64_t after_id, int max, GError **error) MUST_USE;

/* Those of this address (as in programme_people()), employed on `day`. */
GPtrArray *programme_people_by_email(
    Db *db, const char *email, Day day, GError **error) MUST_USE;
ProgrammePerson *programme_person_get(Db *db, int64_t id, GError **error) MUST_USE;

/* Is the programme for them? */
bool programme_is_for(const Programme *programme, const ProgrammePerson *person);

/* Stops or goes on.  0: it does already. */
int programme_pause(
    DbTx *tx, const Programme *programme, bool paused, GError **error) MUST_USE;
