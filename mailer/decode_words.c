/*
 * decode_words.c - RFC 2047: words in headers.
 *
 * Bytes of neighbouring words are collected as long as their charset stays the same and
 * converted together: mailers that cut a base64 stream every 75 characters split letters
 * (against section 5, and very common).
 */
#include "mailer/decode.h"

#include <string.h>

/* Longest charset name with a language tag (RFC 2231 5) that is believed. */
#define CHARSET_BYTES 64

typedef struct Words {
	GString *out;
	GByteArray *pending; /* decoded bytes of words not converted yet */
	char charset[CHARSET_BYTES];
} Words;

typedef struct Word {
	char charset[CHARSET_BYTES];
	char encoding; /* 'b' or 'q' */
	const char *text;
	size_t text_length;
	const char *end; /* first byte after "?=" */
} Word;

/* Is there an encoded word at `at` ("=?")?  Its text holds no '?', so that a failed
 * attempt never reads past the next candidate. */
static bool
word_parse(const char *at, Word *ret)
{
	size_t n = strcspn(at + 2, "? \t\r\n");
	const char *mark = at + 2 + n;
	const char *star;

	if (n == 0 || n >= sizeof(ret->charset) || *mark != '?')
		return false;
	memcpy(ret->charset, at + 2, n);
	ret->charset[n] = '\0';
	star = strchr(ret->charset, '*');
	if (star != NULL)
		ret->charset[star - ret->charset] = '\0';
	ret->encoding = g_ascii_tolower(mark[1]);
	if ((ret->encoding != 'b' && ret->encoding != 'q') || mark[2] != '?')
		return false;
	ret->text = mark + 3;
	ret->text_length = strcspn(ret->text, "?");
	if (ret->text[ret->text_length] != '?' || ret->text[ret->text_length + 1] != '=')
		return false;
	ret->end = ret->text + ret->text_length + 2;
	return true;
}

static void
q_decode(const char *text, size_t length, GByteArray *out)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte == '_') {
			byte = ' ';
		} else if (byte == '=' && i + 2 < length) {
			int high = g_ascii_xdigit_value(text[i + 1]);
			int low = g_ascii_xdigit_value(text[i + 2]);

			if (high >= 0 && low >= 0) {
				byte = (uint8_t)(high << 4 | low);
				i += 2;
			}
		}
		g_byte_array_append(out, &byte, 1);
	}
}

/* The text of a header is one line: whatever steers a terminal becomes a space. */
static void
append_clean(GString *out, const char *text)
{
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (g_unichar_iscntrl(c))
			g_string_append_c(out, ' ');
		else
			g_string_append_unichar(out, c);
	}
}

static void
words_flush(Words *words)
{
	g_autofree char *text = NULL;

	if (words->pending->len == 0)
		return;
	text = decode_charset(
	    words->charset, words->pending->data, words->pending->len, NULL);
	append_clean(words->out, text);
	g_byte_array_set_size(words->pending, 0);
}

static void
words_add(Words *words, const Word *word)
{
	if (g_ascii_strcasecmp(words->charset, word->charset) != 0) {
		words_flush(words);
		g_strlcpy(words->charset, word->charset, sizeof(words->charset));
	}
	if (word->encoding == 'b')
		decode_base64(word->text, word->text_length, words->pending);
	else
		q_decode(word->text, word->text_length, words->pending);
}

static void
words_plain(Words *words, const char *text, size_t length)
{
	g_autofree char *utf8 = NULL;

	if (length == 0)
		return;
	words_flush(words);
	utf8 = decode_charset(NULL, text, length, NULL);
	append_clean(words->out, utf8);
}

char *
decode_words(const char *raw)
{
	g_autoptr(GByteArray) pending = g_byte_array_new();
	Words words = { .out = g_string_new(NULL), .pending = pending };
	const char *plain = raw; /* start of what is not written yet */
	const char *at = raw;
	bool after_word = false;
	Word word;

	while ((at = strstr(at, "=?")) != NULL) {
		if (!word_parse(at, &word)) {
			at += 2;
			continue;
		}
		/* Blanks between two words belong to neither (RFC 2047 6.2). */
		if (!after_word || strspn(plain, " \t\r\n") < (size_t)(at - plain))
			words_plain(&words, plain, (size_t)(at - plain));
		words_add(&words, &word);
		after_word = true;
		at = plain = word.end;
	}
	words_plain(&words, plain, strlen(plain));
	words_flush(&words);
	return g_string_free(words.out, FALSE);
}
