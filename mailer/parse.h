/*
 * parse.h - a message from a stranger, read into parts, names and text.
 *
 * Why not libetpan, which is linked anyway for IMAP: its 1.9.4 overflows the stack on
 * nested comments and on nested message/rfc822, takes quadratic time on deep multiparts,
 * leaks, and decodes neither RFC 2231 nor words in display names.  Whoever can write to
 * the order box could stop the program with one mail.  This reader knows what ticketpost
 * has to know and nothing else, and it has limits first:
 *
 *   - it never recurses: open parts are a stack of at most LIMIT_INTAKE_DEPTH frames;
 *   - it passes over the bytes once (once more for each coded part), so time is linear;
 *   - it refuses, by name of the limit, what exceeds one of the LIMIT_INTAKE_* figures;
 *   - it borrows from the raw bytes where nothing is coded, and what it decodes is
 * limited in sum.
 *
 * Within the limits everything parses: broken mail is read as far as it goes, and
 * `flaws` says what was broken.  It is made to run in the child of sandbox.h all the
 * same.
 *
 * Sources: RFC 5322 (with the obsolete forms of section 4), RFC 2045 to 2047, 2231, 3676,
 * 6532.  What is accepted beyond them: mailer/README.md, "Real mail".
 */
#pragma once

#include "mailer/decode.h"
#include "queue/err.h"

typedef struct ParsedHeader {
	char *name;  /* as written, without blanks before the colon */
	char *value; /* unfolded and stripped; otherwise raw bytes (NUL became U+FFFD) */
} ParsedHeader;

/* The fields of one block, in order of appearance. */
typedef struct ParsedHeaders {
	ParsedHeader *rows;
	size_t n;
} ParsedHeaders;

/* The value of the first field `name` (any case), or NULL.  Borrowed. */
const char *parsed_headers_find(const ParsedHeaders *headers, const char *name);

/* The same decoded for people (decode_words); NULL when there is none. */
char *parsed_headers_text(const ParsedHeaders *headers, const char *name);

size_t parsed_headers_count(const ParsedHeaders *headers, const char *name);

void parsed_headers_clear(ParsedHeaders *headers);

/*
 * Reads one header block: up to an empty line, a line that is no field, or the end.
 * *ret_used is what was read, the empty line included.  INVALID: a LIMIT_INTAKE_HEADER*
 * figure was exceeded; *ret is untouched.
 */
bool parse_headers(const void *bytes, size_t length, ParsedHeaders *ret, size_t *ret_used,
    GError **error) MUST_USE;

typedef struct ParsedAddress {
	char *name;    /* UTF-8 for people, "" when absent; never to be trusted */
	char *address; /* local@domain as written, or NULL: there was something, but no
			  address.  Compare through addr_normal() */
} ParsedAddress;

typedef struct ParsedAddresses {
	ParsedAddress *rows;
	size_t n;
} ParsedAddresses;

void parsed_addresses_clear(ParsedAddresses *addresses);

/*
 * The addresses of a header value, groups opened, appended to *ret.  "<>" gives no row.
 * INVALID: more than LIMIT_INTAKE_ADDRESSES, or comments nested deeper than
 * LIMIT_INTAKE_COMMENT_DEPTH.
 */
bool parse_addresses(const char *value, ParsedAddresses *ret, GError **error) MUST_USE;

/* A date of RFC 5322 3.3 or 4.3 in UTC microseconds.  1: *ret_at is set.  0: no date. */
int parse_date(const char *value, int64_t *ret_at);

/* The Message-IDs in a value, without < >, at most 100.  Without any '<' the first word
 * counts as one.  NULL-terminated, never NULL itself. */
char **parse_msgids(const char *value);

typedef enum ParseFlaw {
	PARSE_FLAW_NO_BLANK_LINE =
	    1 << 0, /* a header block ended at a line that is no field */
	PARSE_FLAW_UNCLOSED = 1 << 1, /* a multipart has no closing delimiter */
	PARSE_FLAW_NO_BOUNDARY =
	    1 << 2, /* a multipart without (usable) boundary: one leaf */
	PARSE_FLAW_TEXT_CUT = 1 << 3, /* body text is longer than LIMIT_INTAKE_TEXT_BYTES:
					 what follows is missing in `text` */
	PARSE_FLAW_TNEF = 1 << 4, /* winmail.dat: holds attachments that we cannot read */
	PARSE_FLAW_ENCODING = 1 << 5,  /* an unknown Content-Transfer-Encoding */
	PARSE_FLAW_ENCRYPTED = 1 << 6, /* multipart/encrypted or S/MIME enveloped data */
} ParseFlaw;

/* The name of one flaw, "unclosed"; for messages and JSON. */
const char *parse_flaw_name(ParseFlaw flaw);

typedef enum ParsedKind {
	PARSED_LEAF,      /* has bytes */
	PARSED_MULTIPART, /* has parts below it */
	PARSED_MESSAGE,   /* message/rfc822 and its kin: one part below it, which has the
			     nested mail's own header fields */
} ParsedKind;

typedef struct ParsedPart {
	ParsedKind kind;
	int parent;  /* index in parts; -1: the mail itself */
	int depth;   /* 0: the mail itself */
	int message; /* the part that is this part's nearest mail: 0, or a part whose
			parent is a PARSED_MESSAGE */
	ParsedHeaders headers;
	DecodedField
	    *content_type; /* value "text/plain" when absent or broken; else lower case */
	DecodedField *disposition; /* value "" when absent */
	const char *type;          /* of content_type */
	char *name;       /* file name for people, or NULL; never a path to open */
	char *content_id; /* without < >, or NULL */
	const uint8_t
	    *bytes; /* decoded; of a PARSED_MESSAGE: the nested mail; never NULL */
	size_t length;
	bool is_attachment; /* meant as a file: see parse_body.c */
} ParsedPart;

typedef struct ParsedMail {
	ParsedPart
	    *parts;     /* a parent stands before its children; [0] is the mail itself */
	size_t n_parts; /* at least 1 */
	ParsedAddresses from; /* of all From fields; honest mail has one of each */
	size_t n_from_fields;
	ParsedAddresses to;        /* To and Cc */
	ParsedAddresses delivered; /* Delivered-To, X-Original-To, Envelope-To: where it
				      came in; these fields are true only above our own
				      MX's Received field */
	char *subject;             /* UTF-8, "" when absent */
	char *message_id;          /* without < >, or NULL */
	int64_t date_at;           /* UTC microseconds; 0: no (readable) date */
	char *text; /* body for reading: UTF-8, LF; the text/plain parts, else the HTML
		       ones */
	bool text_from_html;
	unsigned flaws; /* ParseFlaw bits */
	GBytes *raw;
	GPtrArray *buffers; /* what was decoded; owns what parts borrow */
} ParsedMail;

/*
 * Reads a whole message; takes a reference on `raw`.  INVALID: empty, or a limit was
 * exceeded; the text names the limit.
 */
ParsedMail *parse_mail(GBytes *raw, GError **error) MUST_USE;
void parsed_mail_free(ParsedMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ParsedMail, parsed_mail_free)

/* The header fields of the mail itself. */
static inline const ParsedHeaders *
parsed_mail_headers(const ParsedMail *mail)
{
	return &mail->parts[0].headers;
}

/* A leaf's bytes as UTF-8 text with LF line ends, charset and format=flowed applied, at
 * most LIMIT_INTAKE_TEXT_BYTES of them; HTML as decode_html() reads it. */
char *parsed_part_text(const ParsedPart *part);

/* The next part of `type` ("text/csv"; "text/" for all of a kind) after index `after`
 * (-1: from the start).  1: *ret is set.  0: there is none. */
int parsed_mail_find(const ParsedMail *mail, const char *type, int after, int *ret);
