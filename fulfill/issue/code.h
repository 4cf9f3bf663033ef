/*
 * code.h - the ticket code: 25 symbols that are money.
 *
 * 24 random symbols of Crockford's 32 (0-9 and A-Z without I L O U; 120 bits) and a check
 * symbol: over GF(32) the sum of symbol i times alpha^i, i from 0 to 24, is 0. All 25
 * weights differ and none is 0, so one wrong symbol and any two symbols that changed
 * places are always noticed.  Shown as five groups of five with '-'.
 *
 * A Code in memory is a bearer's secret: keep it in a scope and g_auto(Code) wipes it.
 * Whatever is logged, listed or put into an error is code_mask()'s. No error text of this
 * file repeats the symbols of a code.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

#define CODE_SYMBOLS 25
#define CODE_GROUP 5         /* symbols in a group, and groups in a code */
#define CODE_RANDOM_BYTES 15 /* 24 symbols of 5 bits */
#define CODE_TEXT_SIZE 30    /* "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX" with the NUL */
#define CODE_MASK_SIZE 16    /* "*****-...-XXXXX" with the NUL */

/* Upper case, NUL-terminated, checked: the one spelling to compare, hash and seal. */
typedef struct Code {
	char symbols[CODE_SYMBOLS + 1];
} Code;

void code_clear(Code *code);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Code, code_clear)

/* A new code from the system's random generator. */
void code_random(Code *ret);

/* The code that these bytes spell, first bit first.  For issuers that bring their own
 * random bytes, and for tests. */
void code_from_bytes(const uint8_t bytes[CODE_RANDOM_BYTES], Code *ret);

/* Fills and returns `buf`. */
char *code_format(const Code *code, char buf[CODE_TEXT_SIZE]);

/* Fills and returns `buf`: "*****-...-" and the last group. */
char *code_mask(const Code *code, char buf[CODE_MASK_SIZE]);

/* The same where only the last group is at hand, as in the store's `tail` column. */
char *code_mask_tail(const char *tail, char buf[CODE_MASK_SIZE]);

/* The last group; borrowed from `code`. */
const char *code_tail(const Code *code);

/*
 * A code that a service elsewhere made: 25 letters and digits, dashes and blanks between
 * them skipped, lower case raised.  It has no check symbol of ours and letters that ours
 * have not, so nothing is folded: it is taken as it came, or not at all (INVALID).
 */
bool code_foreign(const char *text, Code *ret, GError **error) MUST_USE;

/* ---- reading what people and scanners send ---- */

typedef enum CodeFaultKind {
	CODE_EMPTY,  /* nothing but separators */
	CODE_SYMBOL, /* a character that is no symbol: group and position are known */
	CODE_LENGTH, /* not 25 symbols; group is known when only one typed group is short
			or long */
	CODE_CHECK,  /* a wrong symbol or a swap.  One check symbol cannot say where: for
			each of the 25 places there is a symbol that would mend it */
} CodeFaultKind;

typedef struct CodeFault {
	CodeFaultKind kind;
	int group;    /* 1 to 5; 0: not known */
	int position; /* 1 to 5 within the group; 0: not known */
	int symbols;  /* how many were read, for CODE_LENGTH */
} CodeFault;

/*
 * Reads `length` bytes of `text` (-1: up to the NUL) as one code:
 *
 *   upper and lower case, full-width letters and digits are the same;
 *   i and l are 1, o is 0;
 *   blanks of every kind, dashes of every kind and invisible characters are skipped, and
 *   so is the sharp s that a keyboard set to German makes of '-';
 *   everything up to a last '#' is the address that stands in front of the code in a QR
 *   symbol ('#' read through a keyboard set to German is a section sign);
 *   when the check fails, and reading all Y as Z and all Z as Y mends it, that is taken
 *   (a US scanner on a German keyboard).
 *
 * INVALID when that gives no code; then *ret_fault (may be NULL) says what a person can
 * be told, and the error's text says it in words.  Groups are those that were typed when
 * five were, else they are counted off.
 */
bool code_parse(const char *text, gssize length, Code *ret, CodeFault *ret_fault,
    GError **error) MUST_USE;

/*
 * Fewer than one code in a hundred passes the check both with Y and Z as they are and
 * exchanged; only the store can tell then.  True: *ret is that other reading, to be
 * looked up when `code` itself is not known.
 */
bool code_other_reading(const Code *code, Code *ret) MUST_USE;

/*
 * Reads a list separated by ';' and appends to `codes`, a GArray of Code; make it with
 * code_list_new().  Empty entries are skipped; the same code twice stands once.  INVALID
 * when an entry is no code ("entry 2: ..."), none is there, or there are more than
 * LIMIT_CODES_IN_A_LIST; `codes` is then as before.
 */
bool code_parse_list(const char *text, GArray *codes, GError **error) MUST_USE;

/* An empty list whose codes are wiped when it goes (free with g_array_unref). */
GArray *code_list_new(void);
