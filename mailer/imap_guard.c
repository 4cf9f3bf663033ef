/*
 * imap_guard.c - a small state machine over the bytes of an IMAP connection.
 */
#include "mailer/imap_guard.h"

#include <string.h>

#include "queue/limits.h"

void
imap_guard_init(ImapGuard *guard)
{
	*guard = (ImapGuard){ 0 };
}

void
imap_guard_command(ImapGuard *guard)
{
	guard->command_bytes = 0;
}

static void
reply_start(ImapGuard *guard)
{
	guard->line_bytes = 0;
	guard->depth = 0;
	guard->word = 0;
	guard->word_length = 0;
	guard->status_text = false;
	guard->quoted = guard->escaped = false;
	guard->brace = 0;
}

/* "* OK text", "A1 NO text", "+ text": brackets and quotes in the text mean nothing. */
static void
word_end(ImapGuard *guard)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };

	guard->word_text[MIN(guard->word_length, sizeof(guard->word_text) - 1)] = '\0';
	if (guard->word == 0 && strcmp(guard->word_text, "+") == 0)
		guard->status_text = true;
	for (size_t i = 0; guard->word == 1 && i < G_N_ELEMENTS(words); i++)
		if (strcmp(guard->word_text, words[i]) == 0)
			guard->status_text = true;
	guard->word++;
	guard->word_length = 0;
}

static const char *
line_end(ImapGuard *guard)
{
	if (guard->brace == 2 && !guard->quoted) {
		/* libetpan reads no literal behind a text; who follows whom is then
		 * unclear. */
		if (guard->status_text)
			return "a literal behind a status text";
		guard->literal_left = guard->literal_size;
		guard->brace = 0;
		return NULL;
	}
	reply_start(guard);
	return NULL;
}

static const char *
brace_feed(ImapGuard *guard, char c)
{
	if (guard->brace == 1 && g_ascii_isdigit(c)) {
		guard->literal_size = guard->literal_size * 10 + (size_t)(c - '0');
		if (guard->literal_size > LIMIT_INTAKE_BYTES)
			return "a literal longer than any mail we take";
	} else if (guard->brace == 1 && c == '}') {
		guard->brace = 2;
	} else if (guard->brace == 1 && c == '+') {
		/* RFC 7888; only clients may, and it changes nothing. */
	} else if (c == '{') {
		guard->brace = 1;
		guard->literal_size = 0;
	} else if (c != '\r') {
		guard->brace = 0;
	}
	return NULL;
}

static const char *
char_feed(ImapGuard *guard, char c)
{
	const char *why;

	if (c == '\n')
		return line_end(guard);
	if (++guard->line_bytes > LIMIT_IMAP_LINE_BYTES)
		return "a reply line without end";
	if (guard->word < 2 && !guard->status_text) {
		if (c == ' ' || c == '\r')
			word_end(guard);
		else if (guard->word_length < sizeof(guard->word_text) - 1)
			guard->word_text[guard->word_length++] = g_ascii_toupper(c);
	}
	if (guard->quoted) {
		if (guard->escaped)
			guard->escaped = false;
		else if (c == '\\')
			guard->escaped = true;
		else if (c == '"')
			guard->quoted = false;
		return NULL;
	}
	why = brace_feed(guard, c);
	if (why != NULL)
		return why;
	if (c == '"' && !guard->status_text)
		guard->quoted = true;
	else if (c == '(' && ++guard->depth > LIMIT_IMAP_DEPTH)
		return "brackets nested too deeply";
	else if (c == ')' && guard->depth > 0)
		guard->depth--;
	return NULL;
}

const char *
imap_guard_feed(ImapGuard *guard, const void *bytes, size_t length)
{
	const char *at = bytes;
	const char *end = at + length;

	guard->command_bytes += length;
	if (guard->command_bytes > LIMIT_IMAP_COMMAND_BYTES)
		return "more bytes than any answer of ours needs";
	while (at < end) {
		const char *why;

		if (guard->literal_left > 0) {
			size_t n = MIN(guard->literal_left, (size_t)(end - at));

			guard->literal_left -= n;
			at += n;
			continue;
		}
		why = char_feed(guard, *at++);
		if (why != NULL)
			return why;
	}
	return NULL;
}
