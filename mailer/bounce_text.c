/*
 * bounce_text.c - recipients in the free text of mail servers.
 */
#include "mailer/bounce_private.h"

#include <string.h>

#include "queue/limits.h"

/* Bytes that '*' of a phrase may stand for. */
#define GAP_BYTES 80

/* clang-format off */
static const struct {
	const char *name;
	DsnAction action;
	const char *lead;
	const char *end;
} shapes[] = {
#define SHAPE(name, action, lead, end) { name, action, lead, end },
#include "mailer/bounce_shapes.def"
#undef SHAPE
};

/* Mail servers sign with these (RFC 2142, and habit). */
static const char *const server_names[] = {
	"mailer-daemon", "mail-daemon", "maildaemon", "mailer_daemon", "postmaster", "mdaemon",
	"microsoftexchange", "mail-delivery", "mailsystem", "mail.system", "bounce", "mailerdaemon",
	"maildelivery", "mail_delivery", "no-reply-mailer",
};

/* Words in front of an address at the start of a line. */
static const char *const address_prefixes[] = {
	"To:", "Recipient address:", "Recipient:", "Final-Recipient: rfc822;", "An:",
	"Empf\xc3\xa4nger:", "mailto:", "* ", "- ",
};

/* Lines with which a returned mail begins, when no divider says so. */
static const char *const copy_starts[] = {
	"Received:", "Return-Path:", "Message-ID:", "MIME-Version:", "X-Failed-Recipients:",
	"Reporting-MTA:", "DKIM-Signature:",
};
/* clang-format on */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Does `phrase` up to its '*' or end match at `at`?  Its end, or NULL. */
static const char *
match_here(const char *at, const char *phrase)
{
	for (; *phrase != '\0' && *phrase != '*'; phrase++) {
		if (*phrase == ' ') {
			if (phrase[1] == '*' || phrase[1] == '\0')
				continue; /* "a * b" needs no two blanks */
			if (!is_blank(*at))
				return NULL;
			while (is_blank(*at))
				at++;
		} else if (g_ascii_tolower(*at) == g_ascii_tolower(*phrase)) {
			at++;
		} else {
			return NULL;
		}
	}
	return at;
}

static const char *
match_within(const char *at, size_t bytes, const char *phrase, const char **ret_end)
{
	char first = g_ascii_tolower(*phrase);

	for (size_t i = 0; i <= bytes && at[i] != '\0'; i++) {
		if (g_ascii_tolower(at[i]) != first)
			continue;
		*ret_end = match_here(at + i, phrase);
		if (*ret_end != NULL)
			return at + i;
	}
	return NULL;
}

const char *
bounce_phrase_find(const char *text, const char *phrase, const char **ret_end)
{
	const char *end = text;
	const char *start = match_within(text, SIZE_MAX - 1, phrase, &end);

	while (start != NULL) {
		const char *gap = strchr(phrase, '*');
		const char *at = end;

		while (gap != NULL) {
			const char *rest = gap + 1 + strspn(gap + 1, " ");

			if (match_within(at, GAP_BYTES, rest, &at) == NULL)
				break;
			gap = strchr(rest, '*');
		}
		if (gap == NULL) {
			*ret_end = at;
			return start;
		}
		/* The first words again, further on. */
		start = match_within(start + 1, SIZE_MAX - 1, phrase, &end);
	}
	return NULL;
}

/* An address in [at, ...): local@domain.tld, as plain as bounces show them. */
static char *
read_address(const char *at, const char **ret_rest)
{
	static const char ends[] = " \t\r\n<>\"'()[],;:|";
	size_t n = strcspn(at, ends);
	const char *sign = memchr(at, '@', n);
	g_autofree char *address = NULL;

	while (n > 0 && at[n - 1] == '.')
		n--;
	if (sign == NULL || sign == at || sign + 1 >= at + n ||
	    memchr(sign + 1, '@', (size_t)(at + n - sign - 1)) != NULL ||
	    memchr(sign, '.', (size_t)(at + n - sign)) == NULL || n > LIMIT_EMAIL_BYTES)
		return NULL;
	address = g_strndup(at, n);
	if (!g_utf8_validate(address, -1, NULL))
		return NULL;
	*ret_rest = at + n;
	return g_steal_pointer(&address);
}

char *
bounce_address_at(const char *line, const char **ret_rest)
{
	bool again = true;

	while (again) {
		line += strspn(line, " \t<\"'|");
		again = false;
		for (size_t i = 0; i < G_N_ELEMENTS(address_prefixes); i++) {
			size_t n = strlen(address_prefixes[i]);

			if (g_ascii_strncasecmp(line, address_prefixes[i], n) == 0) {
				line += n;
				again = true;
			}
		}
	}
	return read_address(line, ret_rest);
}

/* The first address within [line, end), where one starts behind a blank or bracket. */
static char *
address_within(const char *line, const char *end, const char **ret_rest)
{
	for (const char *at = line; at < end; at++) {
		char *address;

		if (at > line && strchr(" \t<(:'\"", at[-1]) == NULL)
			continue;
		address = read_address(at, ret_rest);
		if (address != NULL)
			return address;
	}
	return NULL;
}

void
bounce_text_clear(void *text)
{
	BounceText *t = text;

	g_free(t->recipient);
	g_free(t->reason);
}

/* ---- lines behind the lead ---- */

typedef struct Reader {
	GArray *rows;    /* of BounceText */
	GString *reason; /* of the last row */
} Reader;

static void
reason_end(Reader *reader)
{
	BounceText *row;

	if (reader->rows->len == 0)
		return;
	row = &g_array_index(reader->rows, BounceText, reader->rows->len - 1);
	if (row->reason == NULL || *row->reason == '\0') {
		g_free(row->reason);
		row->reason = g_strstrip(g_strdup(reader->reason->str));
	}
	g_string_truncate(reader->reason, 0);
}

static void
reason_add(Reader *reader, const char *at, const char *end)
{
	at += strspn(at, "> \t:\"'.,;-|");
	if (reader->rows->len == 0 || at >= end ||
	    reader->reason->len > LIMIT_DSN_TEXT_BYTES)
		return;
	if (reader->reason->len > 0)
		g_string_append_c(reader->reason, ' ');
	g_string_append_len(reader->reason, at, MIN(end - at, LIMIT_DSN_TEXT_BYTES));
}

static void
row_start(Reader *reader, char *recipient)
{
	BounceText row = { .recipient = recipient };

	for (guint i = 0; i < reader->rows->len; i++)
		if (g_ascii_strcasecmp(
			g_array_index(reader->rows, BounceText, i).recipient,
			recipient) == 0) {
			/* Named again inside its own reason. */
			g_free(recipient);
			return;
		}
	if (reader->rows->len >= LIMIT_DSN_RECIPIENTS) {
		g_free(recipient);
		return;
	}
	reason_end(reader);
	g_array_append_val(reader->rows, row);
}

static bool
is_copy(const char *line)
{
	for (size_t i = 0; i < G_N_ELEMENTS(copy_starts); i++)
		if (g_ascii_strncasecmp(line, copy_starts[i], strlen(copy_starts[i])) ==
		    0)
			return true;
	return false;
}

/* Does the line end what is said about recipients?  Sendmail goes on behind its divider.
 */
static bool
is_divider(const char *line, const char *end)
{
	const char *after;

	line += strspn(line, " \t|");
	if (strncmp(line, "---", 3) != 0 && strncmp(line, "===", 3) != 0)
		return false;
	return bounce_phrase_find(line, "Transcript", &after) == NULL || after > end;
}

static void
read_lines(Reader *reader, const char *at, const char *stop)
{
	bool blank = true; /* nothing but blanks since the lead */

	while (at < stop) {
		const char *newline = memchr(at, '\n', (size_t)(stop - at));
		const char *end = newline == NULL ? stop : newline;
		const char *rest = at;
		bool empty = at + strspn(at, " \t\r") >= end;
		char *address;

		if (reader->rows->len > 0 && (is_divider(at, end) || is_copy(at)))
			break;
		address = bounce_address_at(at, &rest);
		if (address == NULL && blank && !empty && reader->rows->len == 0)
			address = address_within(at, end, &rest);
		blank &= empty;
		if (address != NULL && rest <= end) {
			row_start(reader, address);
			at = rest;
		} else {
			g_free(address);
		}
		reason_add(reader, at, end);
		at = newline == NULL ? stop : newline + 1;
	}
	reason_end(reader);
}

/* Typographic ones: only their ASCII cousin stands in the table. */
static void
plain_apostrophes(char *text)
{
	char *to = text;

	for (const char *at = text; *at != '\0';) {
		bool curly = strncmp(at, "\xe2\x80\x99", 3) == 0;

		*to++ = curly ? '\'' : *at;
		at += curly ? 3 : 1;
	}
	*to = '\0';
}

const char *
bounce_text_read(const char *text, GArray *rows, DsnAction *ret_action)
{
	g_autofree char *page = g_strndup(text, LIMIT_BOUNCE_SCAN_BYTES);
	g_autoptr(GString) reason = g_string_new(NULL);
	Reader reader = { .rows = rows, .reason = reason };

	plain_apostrophes(page);
	for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
		const char *behind, *after;
		const char *lead = bounce_phrase_find(page, shapes[i].lead, &behind);
		const char *line = lead;
		const char *stop;
		char *address;

		if (lead == NULL)
			continue;
		stop = shapes[i].end[0] == '\0'
			   ? NULL
			   : bounce_phrase_find(behind, shapes[i].end, &after);
		if (stop == NULL)
			stop = page + strlen(page);
		/* "Your message to ada@example.org couldn't be delivered." */
		while (line > page && line[-1] != '\n')
			line--;
		address = address_within(line, lead, &after);
		if (address != NULL)
			row_start(&reader, address);
		read_lines(&reader, behind, stop);
		*ret_action = shapes[i].action;
		return shapes[i].name;
	}
	return NULL;
}

bool
bounce_from_server(const ParsedMail *mail)
{
	const char *address = NULL;

	for (size_t i = 0; i < mail->from.n && address == NULL; i++)
		address = mail->from.rows[i].address;
	if (address == NULL) /* none at all, or "<@>" as Courier writes it */
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(server_names); i++)
		if (g_ascii_strncasecmp(
			address, server_names[i], strlen(server_names[i])) == 0)
			return true;
	return false;
}
