/*
 * decode.h - from the coded forms of mail back to bytes and to UTF-8.
 *
 * Everything here is total: whatever the bytes, something comes back, because a mail
 * whose subject is broken is still a mail.  What came out of a charset is valid UTF-8;
 * what could not be read is U+FFFD.  Nothing recurses, and every function takes time in
 * proportion to its input.
 *
 * Sources: RFC 2045 6.7 and 6.8 (quoted-printable, base64), RFC 2047 (words in headers),
 * RFC 2231 (parameters), RFC 3676 (format=flowed).  What is accepted beyond them stands
 * in mailer/README.md under "Real mail".
 */
#pragma once

#include "queue/err.h"

/*
 * Opens each charset of decode_charsets.def once, so that the C library has loaded its
 * tables before a parser child (sandbox.h) loses the right to open files.  Repeatable.
 */
void decode_init(void);

/*
 * `bytes` in `charset` as UTF-8, NUL-terminated, without NULs inside; *ret_length (may be
 * NULL) is its length in bytes.  A charset that is NULL, unknown, or plainly wrong (ASCII
 * with the high bit set) is guessed: UTF-8 if the bytes are UTF-8, else windows-1252.
 * ISO-8859-1 is read as windows-1252, as senders mean it.
 */
char *decode_charset(
    const char *charset, const void *bytes, size_t length, size_t *ret_length);

/* Is `charset` one we can read?  NULL: no. */
bool decode_charset_known(const char *charset);

/*
 * An unstructured header value (or a phrase, once the address has been cut away) for
 * people: encoded words decoded, neighbours joined before their charset is applied (a
 * character may be split between two words), raw 8-bit bytes guessed, control characters
 * turned into spaces.
 */
char *decode_words(const char *raw);

/* Appends the decoded bytes to `out`.  Base64 may be wrapped anyhow; after padding it
 * goes on only with lines that are base64 altogether, so a footer that a list appended
 * stays out. */
void decode_base64(const void *bytes, size_t length, GByteArray *out);
void decode_quoted_printable(const void *bytes, size_t length, GByteArray *out);

/* Percent coding of RFC 2231 and of URLs: "%41" is "A"; a lone '%' stays. */
void decode_percent(const char *text, GByteArray *out);

/* xtext of RFC 3461 4: "a+2Bb" is "a+b"; NUL and controls become '?'. */
char *decode_xtext(const char *text);

/* A header value of the form `value; name=value; ...` (Content-Type, Content-Disposition,
 * and what RFC 6533 and RFC 8601 make alike). */
typedef struct DecodedParam {
	char *name;  /* lower case, without RFC 2231's stars */
	char *value; /* UTF-8 */
} DecodedParam;

typedef struct DecodedField {
	char *value; /* lower case, outer blanks and comments gone; "" when absent */
	DecodedParam *params;
	size_t n_params; /* at most LIMIT_INTAKE_PARAMS; further ones are dropped */
} DecodedField;

/* Never NULL.  A name given in both ways (filename and filename*) counts as the extended
 * one (RFC 6266 4.3, RFC 2231). */
DecodedField *decode_field(const char *raw);
void decoded_field_free(DecodedField *field);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DecodedField, decoded_field_free)

/* The value of parameter `name` (lower case), or NULL.  Borrowed. */
const char *decoded_field_find(const DecodedField *field, const char *name);

/* format=flowed back to paragraphs: a line that ends in a space goes on in the next one
 * of the same quote depth; the signature line "-- " never does.  `delsp`: that space was
 * put in and goes.  Lines end in LF. */
char *decode_flowed(const char *text, bool delsp);

/* What a person would read of an HTML page: tags, comments, style and script gone, block
 * ends as line ends, the usual entities decoded.  At most `length` * 3 bytes. */
char *decode_html(const char *html);
