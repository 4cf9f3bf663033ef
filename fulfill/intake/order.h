/*
 * order.h - an order as somebody sent it, before anybody decides about it.
 *
 * Readers of every format (intake.h) fill an OrderDraft.  What can be said from the
 * document alone is checked there: types, lengths, characters, dates, addresses.  What
 * takes a database (does the product exist, may this party) is the domain's, which adds
 * its errors to the same list.  A draft is handed over with its errors, so that each line
 * can be answered; a value that had an error is absent (NULL, 0).
 *
 * All text in a draft is UTF-8 in NFC without control characters, trimmed, not empty and
 * within the limits of queue/limits.def; the draft owns it.
 *
 * No database, no files, no clock here.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"
#include "queue/hash.h"

/* ---- errors ---- */

/* E_UNKNOWN_FIELD and so on: the rows of errors.def. */
typedef enum OrderErrorCode {
#define ORDER_ERROR(name, sentence) E_##name,
#include "fulfill/intake/errors.def"
#undef ORDER_ERROR
	ORDER_ERROR_CODES
} OrderErrorCode;

typedef struct OrderError {
	OrderErrorCode code;
	char *line;  /* id of the line it is about; NULL: the order as a whole */
	char *field; /* "quantity", "customer.email"; within the line when there is one;
			NULL: none in particular */
	char *text;  /* for people, as in queue/err.h; names the place in the document */
} OrderError;

/* "E_QUANTITY". */
const char *order_error_name(OrderErrorCode code);
/* One sentence for people, with its full stop. */
const char *order_error_sentence(OrderErrorCode code);
bool order_error_from_name(const char *name, OrderErrorCode *ret);

/*
 * The code of a whole document's error, whose message starts with it: "E_TORN: line 5:
 * the last row has no end".  E_FORMAT when it does not.
 */
OrderErrorCode order_error_of(const GError *error);
/* Sets such an error, TP_ERROR_INVALID; false. */
bool order_error_set(GError **error, OrderErrorCode code, const char *format, ...)
    PRINTF(3, 4);

/* ---- orders ---- */

typedef enum OrderKind {
	ORDER_NEW,     /* "order" */
	ORDER_CHANGE,  /* "change": the lines named are so from now on, others stay */
	ORDER_REPLACE, /* "replace": the order is what this document says */
	ORDER_CANCEL,  /* "cancel": the lines named, or all when there are none */
} OrderKind;

typedef enum OrderBy {
	ORDER_BY_UNSET,
	ORDER_BY_EMAIL,
	ORDER_BY_POST,
	ORDER_BY_PORTAL
} OrderBy;
typedef enum OrderTo { ORDER_TO_UNSET, ORDER_TO_CUSTOMER, ORDER_TO_PARTY } OrderTo;

/* The words in documents and in the store: "order", "email", "customer".  NULL for the
 * _UNSET ones. */
const char *order_kind_name(OrderKind kind);
const char *order_by_name(OrderBy by);
const char *order_to_name(OrderTo to);
bool order_kind_from_name(const char *name, OrderKind *ret);
bool order_by_from_name(const char *name, OrderBy *ret);
bool order_to_from_name(const char *name, OrderTo *ret);

typedef struct OrderAddress {
	char **lines; /* NULL-terminated; NULL: there is no postal address */
	char *postcode;
	char *city;
	char *region;  /* state, province, county; US CA AU need it */
	char *country; /* ISO 3166-1 alpha-2, upper case */
} OrderAddress;

typedef struct OrderCustomer {
	char *id;
	char *name;
	char *company;
	char *email;    /* as addr_normal() spells it, see mailer/addr.h */
	char *language; /* "de" or "en"; NULL: not said */
	char *kind;     /* "consumer" or "business"; NULL: not said */
	OrderAddress address;
} OrderCustomer;

typedef struct OrderOption {
	char *name;
	char **words; /* NULL-terminated list of texts; NULL: `number` is the value */
	int64_t number;
} OrderOption;

typedef struct OrderLine {
	char *line; /* id, unique in the order; never NULL, its position when not said */
	char *product;      /* SKU */
	int64_t quantity;   /* 1 to LIMIT_ORDER_QUANTITY; in ORDER_CANCEL 0: all of it; in
			       ORDER_CHANGE 0: none from now on */
	GPtrArray *options; /* of OrderOption, sorted by name; never NULL */
	char *place;        /* "row 5", "line 12": where it stands in the document */
} OrderLine;

typedef struct OrderDraft {
	OrderKind kind;
	char *number;     /* how the source calls the order; NULL only with an error */
	char *source;     /* likewise */
	char *party;      /* likewise: who orders */
	char *ordered_on; /* "2026-11-24"; NULL: not said */
	char *reference;  /* the customer's own number */
	bool has_customer;
	OrderCustomer customer;
	OrderBy deliver_by;
	OrderTo deliver_to;
	char *deliver_email;
	GPtrArray *lines;  /* of OrderLine, as in the document; never NULL */
	GPtrArray *errors; /* of OrderError, as found; never NULL */
	/* As written in UNB of the interchange it came in, "4012345000009:14"; NULL:
	 * other formats. */
	char *edi_sender;
	char *edi_recipient;
	char *place; /* "line 4", "[3]", "rows 2 to 5": where it stands; may be NULL */
} OrderDraft;

OrderDraft *order_draft_new(void);
void order_draft_free(OrderDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OrderDraft, order_draft_free)

/* Appends an empty line, which the draft owns. */
OrderLine *order_draft_add_line(OrderDraft *draft);

/* The line of this id, or NULL. */
OrderLine *order_draft_find_line(const OrderDraft *draft, const char *line);

/* Adds an error; `line` and `field` may be NULL and are copied. */
void order_draft_error(OrderDraft *draft, OrderErrorCode code, const char *line,
    const char *field, const char *format, ...) PRINTF(5, 6);

/* Whether there are errors of the order as a whole (line NULL), or of this line. */
bool order_draft_has_errors(const OrderDraft *draft, const char *line);

/* The option of this name, or NULL. */
const OrderOption *order_line_find_option(const OrderLine *line, const char *name);
/* Add or replace an option; keep the list sorted.  `words` is copied. */
void order_line_set_number(OrderLine *line, const char *name, int64_t number);
void order_line_set_words(OrderLine *line, const char *name, const char *const *words);

/*
 * BLAKE2b-256 over what the draft says: kind, number and everything but source, errors
 * and places.  Formats, key order, the order of lines and of options make no difference,
 * so the same order sent twice has one hash, as JSON and as CSV.
 */
void order_draft_hash(const OrderDraft *draft, uint8_t ret[HASH_BYTES]);
