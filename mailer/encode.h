/*
 * encode.h - the bodies of a message in lines that every relay leaves alone.
 *
 * Lines end in CRLF, have at most 76 bytes, and begin neither with a dot (which would be
 * stuffed on the wire) nor with "From " (which mbox files change).
 */
#pragma once

#include "queue/err.h"

/* Appends `length` bytes as base64 in lines of 76, each ended by CRLF. */
void encode_base64(GString *out, const void *bytes, size_t length);

/*
 * Appends text as quoted-printable (RFC 2045 6.7).  Line ends of any kind become CRLF and
 * the last line is ended.
 */
void encode_quoted_printable(GString *out, const char *text, size_t length);

/*
 * Text as format=flowed, delsp=no (RFC 3676): paragraphs are broken at spaces so that no
 * line has more than 66 characters where words allow it; a reader that knows the format
 * joins them again.  Words, and so codes and addresses, are never cut.
 */
char *encode_flowed(const char *text);
