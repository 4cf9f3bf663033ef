/*
 * statement.h - what a party is charged for a month, line by line
 * (Einzelkostenaufstellung).
 *
 * The enclosure of the collective invoice that the vendor's ERP writes: the sum of the
 * statements of all parties is the collective list, to the cent (R12.4).
 *
 * An open month is computed from sale_event each time it is looked at.  Closing freezes
 * its lines and their hash; a closed month is read from there and never changes.  What is
 * learned later about a closed month (a Storno, a sale that was recorded late) becomes
 * correction lines of the first month after the last closed one, each pointing to the
 * line it corrects (R10.5).  So all statements of a party, whenever they were closed,
 * add up to what was sold less what was given back.
 *
 * Lines carry no names: order number and a pseudonym of the customer (R14.3).
 */
#pragma once

#include "fulfill/domain/money.h"
#include "queue/day.h"
#include "queue/db.h"
#include "queue/hash.h"

/* Who gets statements: vendor (for what it ordered itself) and resellers. */
typedef struct StatementParty {
	int64_t id;
	char *code;
	char *name;     /* or NULL */
	char *email;    /* or NULL */
	char *language; /* or NULL */
	char *brand;    /* or NULL */
	char *address;  /* JSON or NULL */
	bool direct;
} StatementParty;

void statement_party_free(StatementParty *party);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatementParty, statement_party_free)

/* StatementParty *, by code; with `code` only that one (NOT_FOUND). */
GPtrArray *statement_parties(Db *db, const char *code, GError **error) MUST_USE;

typedef struct StatementLine {
	char *line;
	char *corrects;   /* or NULL */
	const char *kind; /* sold, renewed, credit, correction */
	int64_t event_id;
	Day month; /* the month it is about */
	char *order_number;
	char *order_line;
	char *sku;
	char *product;
	char *customer; /* "K17" or "" */
	int quantity;
	Day first_day;
	Day last_day; /* DAY_MAX: for ever */
	int days;
	int period_days; /* 0: not by the day */
	Money price;
	Money amount;
} StatementLine;

void statement_line_clear(StatementLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StatementLine, statement_line_clear)

/* What a month of a party comes to, a row for each currency. */
typedef struct StatementSums {
	GArray *sums; /* of Money */
	int64_t lines;
	bool closed;
	int64_t closed_at;        /* 0: open */
	uint8_t hash[HASH_BYTES]; /* closed: of the lines */
} StatementSums;
void statement_sums_clear(StatementSums *sums);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StatementSums, statement_sums_clear)

/* Adds to the sum of its currency. */
bool statement_sums_add(StatementSums *sums, Money amount, GError **error) MUST_USE;

/* "1.490,00 EUR + 12,00 CHF", as people of this language read it.  The caller's. */
char *statement_sums_format(const StatementSums *sums, const char *language);

/* A line; false stops with its error. */
typedef bool (*StatementFn)(void *user, const StatementLine *line, GError **error);

/*
 * Calls fn for each line of the month (any day of it), in a stable order; *ret (may be
 * NULL) says what it came to.  Memory does not grow with the lines.  IO: the lines of a
 * closed month are not what was frozen.
 */
bool statement_lines(Db *db, const StatementParty *party, Day month, const char *language,
    StatementFn fn, void *user, StatementSums *ret, GError **error) MUST_USE;

/*
 * Freezes the month.  1: closed.  0: it was closed before, nothing changes.  -1: INVALID
 * when the month is not over on `today`, or the error of a line.
 */
int statement_close(DbTx *tx, const StatementParty *party, Day month, Day today,
    const char *language, GError **error) MUST_USE;
