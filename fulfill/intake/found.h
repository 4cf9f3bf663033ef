/*
 * found.h - what business documents have in common: parties in many roles, amounts with a
 * unit, properties with a title.
 *
 * openTRANS, UBL and EDIFACT name several parties each in its own way; a reader collects
 * what it finds, and the choice who is who is made here, once.
 */
#pragma once

#include <glib.h>

#include "fulfill/intake/build.h"

typedef struct Found {
	char *id;
	char *company;
	char *name; /* of a person */
	char *email;
	char *language;
	GPtrArray *lines; /* of the address; NULL until the first */
	char *postcode;
	char *city;
	char *region;
	char *country;
} Found;

void found_clear(Found *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

/* Takes `text` (NULL is fine) into *field when there is none yet. */
void found_take(char **field, char *text);
/* Takes `text` as the next line of the address; blank ones are none. */
void found_take_line(Found *found, char *text);

/*
 * Gives the order its party and its customer.  `buyer` is who orders.  `users` are, best
 * first, who it may be for; the first one that is there and is not the buyer is the
 * customer.  When there is none, the order is for the buyer itself and no customer is
 * set.
 */
void found_give(Build *b, const Found *buyer, const Found *const *users, size_t n_users);

/*
 * The line's quantity.  Business documents write 3 as "3.00"; `mark` is their decimal
 * mark. `unit` may be NULL.  One that is not of single pieces is an error: a dozen is
 * twelve.
 */
void found_give_amount(Build *b, const char *amount, char mark, const char *unit);

/* An option by the title that people gave it: "Days" is days. */
void found_give_option(Build *b, const char *title, const char *value);
