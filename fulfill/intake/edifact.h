/*
 * edifact.h - an EDIFACT interchange as segments (ISO 9735, syntax versions 1 to 4).
 *
 * Knows separators, release character, character sets and the counters that make a cut
 * interchange visible; knows nothing of what a segment means.
 *
 * The caller edi_next()s until 0.  A segment's texts live until the next call.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

#define EDI_ELEMENTS 30
#define EDI_COMPONENTS 12

typedef struct EdiSegment {
	int number; /* in the interchange, UNB is 1 */
	int line;   /* of the document */
	char tag[4];
	int elements;
	int components[EDI_ELEMENTS];
	const char *value[EDI_ELEMENTS][EDI_COMPONENTS]; /* UTF-8 */
} EdiSegment;

typedef struct Edi Edi;

/* `bytes` stay the caller's and must outlive it.  INVALID as order_error_set() has it: no
 * UNB, an encoding that is not read here (UNOA, UNOB, UNOC, UNOW, UNOY are). */
Edi *edi_open(const char *bytes, size_t size, GError **error) MUST_USE;
void edi_close(Edi *edi);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Edi, edi_close)

/*
 * The next segment, UNB to UNZ.  1, 0 at the end of the interchange, -1: E_TORN (it ends
 * in a segment, or without UNZ, or a counter in UNT or UNZ is not what was counted),
 * E_LIMIT, E_ENCODING, E_FORMAT.
 */
int edi_next(Edi *edi, EdiSegment *ret, GError **error) MUST_USE;

/* Element and component from 1, as the directories count them; "" when absent. */
const char *edi_get(const EdiSegment *segment, int element, int component);

/* The mark between whole and broken part of a number. */
char edi_decimal_mark(const Edi *edi);
