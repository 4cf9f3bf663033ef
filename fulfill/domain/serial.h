/*
 * serial.h - what is printed on a piece of paper to know it by; never the ticket's code.
 *
 * "C" for a card, "L" for the address label or letter it goes with, then the number of
 * the piece in at least eight digits and a check digit (Damm's: finds every single wrong
 * digit and every swap of neighbours).  A reprinted card is another piece with another
 * serial.
 *
 * Letters and digits only, and neither Y nor Z: a keyboard scanner set to the wrong
 * layout leaves them alone.
 */
#pragma once

#include <stdint.h>

#include "queue/err.h"

typedef enum SerialKind { SERIAL_CARD, SERIAL_LABEL } SerialKind;

#define SERIAL_SIZE 24

/* Writes the serial of piece `id` into `buf` and returns it. */
const char *serial_format(SerialKind kind, int64_t id, char buf[SERIAL_SIZE]);

/* Reads one, in any case, with blanks around or in it.  false: INVALID, saying whether it
 * is no serial at all or a mistyped one. */
bool serial_parse(
    const char *text, SerialKind *ret_kind, int64_t *ret_id, GError **error) MUST_USE;
