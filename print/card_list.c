/*
 * card_list.c - a JSON array that is never whole in memory.
 *
 * jansson reads one value from a stream and stops behind it, so brackets and commas of
 * the outer array are read here.
 */
#include "print/card_list.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "queue/limits.h"

struct CardList {
	FILE *in;
	FILE *own; /* `in` again from memory */
	GByteArray *bytes;
	char *name;
	const char *noun; /* "card" */
	int most_bytes;   /* of one */
	bool is_array;
	int count;
	int at;
	json_t *card; /* the one last returned */
};

/* clang-format off */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "brand",    offsetof(CardData, brand) },
	{ "product",  offsetof(CardData, product) },
	{ "holder",   offsetof(CardData, holder) },
	{ "company",  offsetof(CardData, company) },
	{ "code",     offsetof(CardData, code) },
	{ "qr",       offsetof(CardData, qr_text) },
	{ "serial",   offsetof(CardData, serial) },
	{ "valid",    offsetof(CardData, valid) },
	{ "banner",   offsetof(CardData, banner) },
	{ "language", offsetof(CardData, language) },
};
/* clang-format on */

static bool say(const CardList *list, GError **error, const char *format, ...)
    PRINTF(3, 4);

static bool
say(const CardList *list, GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return err_set(error, TP_ERROR_INVALID, "%s: %s %d: %s", list->name, list->noun,
	    list->at, what);
}

static int
next_solid(FILE *in)
{
	int c;

	do
		c = getc(in);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r');
	return c;
}

/* A byte order mark is passed over. */
static void
skip_mark(FILE *in)
{
	int c = getc(in);

	if (c == 0xEF && getc(in) == 0xBB && getc(in) == 0xBF)
		return;
	rewind(in);
}

static bool
keep_in_memory(CardList *list, GError **error)
{
	char piece[16 * 1024];
	size_t n;

	list->bytes = g_byte_array_new();
	while ((n = fread(piece, 1, sizeof(piece), list->in)) > 0) {
		g_byte_array_append(list->bytes, (const guint8 *)piece, (guint)n);
		if (list->bytes->len > LIMIT_CARD_LIST_BYTES)
			return err_set(error, TP_ERROR_INVALID,
			    "%s: more than %d bytes; give a file instead", list->name,
			    LIMIT_CARD_LIST_BYTES);
	}
	if (ferror(list->in))
		return err_errno(error, errno, "cannot read '%s'", list->name);
	if (list->bytes->len == 0)
		return err_set(error, TP_ERROR_INVALID, "%s: empty", list->name);
	list->own = fmemopen(list->bytes->data, list->bytes->len, "r");
	if (list->own == NULL)
		return err_errno(error, errno, "cannot read '%s'", list->name);
	list->in = list->own;
	return true;
}

/*
 * Counts objects at the outermost level.  Knows strings and brackets, nothing else:
 * whether it is JSON at all is found out when it is read.
 */
static bool
count_cards(CardList *list, GError **error)
{
	int depth = list->is_array ? 1 : 0;
	const int outer = depth;
	int64_t bytes = 0;
	bool in_string = false;
	int c;

	while ((c = getc_unlocked(list->in)) != EOF) {
		if (depth > outer && ++bytes > list->most_bytes) {
			list->at = list->count;
			return say(list, error, "more than %d bytes", list->most_bytes);
		}
		if (in_string) {
			if (c == '\\')
				(void)getc_unlocked(list->in);
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (depth++ == outer) {
				bytes = 0;
				if (++list->count > LIMIT_CARD_LIST_CARDS)
					return err_set(error, TP_ERROR_INVALID,
					    "%s: more than %d %ss", list->name,
					    LIMIT_CARD_LIST_CARDS, list->noun);
			}
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	if (ferror(list->in))
		return err_errno(error, errno, "cannot read '%s'", list->name);
	return true;
}

static void
to_start(CardList *list)
{
	rewind(list->in);
	skip_mark(list->in);
	if (list->is_array)
		(void)next_solid(list->in);
}

static CardList *
open_list(FILE *in, const char *name, const char *noun, int most_bytes, GError **error)
{
	g_autoptr(CardList) list = g_new0(CardList, 1);
	int c;

	list->in = in;
	list->name = g_strdup(name);
	list->noun = noun;
	list->most_bytes = most_bytes;
	if (fseek(in, 0, SEEK_SET) != 0 && !keep_in_memory(list, error))
		return NULL;
	skip_mark(list->in);
	c = next_solid(list->in);
	list->is_array = c == '[';
	if (!list->is_array) {
		rewind(list->in);
		skip_mark(list->in);
	}
	if (c != '[' && c != '{') {
		err_set(error, TP_ERROR_INVALID,
		    "%s: neither a JSON array nor JSON objects", name);
		return NULL;
	}
	if (!count_cards(list, error))
		return NULL;
	clearerr(list->in);
	to_start(list);
	return g_steal_pointer(&list);
}

CardList *
card_list_open(FILE *in, const char *name, GError **error)
{
	return open_list(in, name, "card", LIMIT_CARD_BYTES, error);
}

CardList *
card_list_open_letters(FILE *in, const char *name, GError **error)
{
	return open_list(in, name, "letter", LETTER_JSON_BYTES, error);
}

void
card_list_free(CardList *list)
{
	if (list == NULL)
		return;
	json_decref(list->card);
	if (list->own != NULL)
		fclose(list->own);
	if (list->bytes != NULL)
		g_byte_array_unref(list->bytes);
	g_free(list->name);
	g_free(list);
}

int
card_list_count(const CardList *list)
{
	return list->count;
}

int
card_list_at(const CardList *list)
{
	return list->at;
}

static bool
read_colour(const json_t *value, Colour *ret, GError **error)
{
	const char *text = json_string_value(value);

	if (text == NULL || text[0] != '#' || strlen(text) != 7 ||
	    strspn(text + 1, "0123456789abcdefABCDEF") != 6)
		return err_set(error, TP_ERROR_INVALID,
		    "key 'accent' is no colour like \"#1B4F72\"");
	*ret = (Colour)g_ascii_strtoull(text + 1, NULL, 16);
	return true;
}

static bool
read_text(
    const char *key, const json_t *value, CardData *ret, bool *ret_known, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char **member =
		    (const char **)(void *)((char *)ret + texts[i].offset);

		if (strcmp(texts[i].key, key) != 0)
			continue;
		*ret_known = true;
		if (json_is_null(value))
			return true;
		if (!json_is_string(value))
			return err_set(
			    error, TP_ERROR_INVALID, "key '%s' is not a text", key);
		*member = json_string_value(value);
		return true;
	}
	return true;
}

bool
card_list_read(const json_t *card, CardData *ret, GError **error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(card))
		return err_set(error, TP_ERROR_INVALID, "a card is not an object");

	json_object_foreach ((json_t *)(uintptr_t)card, key, value) {
		bool known = false;

		if (!read_text(key, value, ret, &known, error))
			return false;
		if (known)
			continue;
		if (strcmp(key, "accent") == 0) {
			if (!read_colour(value, &ret->accent, error))
				return false;
		} else if (strcmp(key, "reprint") == 0) {
			json_int_t n = json_integer_value(value);

			if (!json_is_integer(value) || n < 0 || n > 999)
				return err_set(error, TP_ERROR_INVALID,
				    "key 'reprint' is not a number from 0 to 999");
			ret->reprint = (int)n;
		} else {
			return err_set(
			    error, TP_ERROR_INVALID, "key '%.40s' is not known", key);
		}
	}
	return true;
}

int
card_list_object(CardList *list, json_t **ret, GError **error)
{
	json_error_t why;
	int c = next_solid(list->in);

	json_decref(list->card);
	list->card = NULL;
	if (list->is_array && list->at > 0 && c == ',')
		c = next_solid(list->in);
	else if (list->is_array && list->at > 0 && c != ']') {
		say(list, error, "no ',' or ']' behind it");
		return -1;
	}
	if (list->is_array ? c == ']' : c == EOF) {
		/* Behind the array there is nothing. */
		if (list->is_array && next_solid(list->in) != EOF) {
			say(list, error, "more text behind the end of the list");
			return -1;
		}
		return 0;
	}
	list->at++;
	ungetc(c, list->in);
	list->card = json_loadf(list->in,
	    JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &why);
	if (list->card == NULL) {
		say(list, error, "%s", why.text);
		return -1;
	}
	if (!json_is_object(list->card)) {
		say(list, error, "not an object");
		return -1;
	}
	*ret = list->card;
	return 1;
}

void
card_list_blame(const CardList *list, GError **error)
{
	g_prefix_error(error, "%s: %s %d: ", list->name, list->noun, list->at);
}

int
card_list_next(CardList *list, CardData *ret, GError **error)
{
	json_t *card;
	int got = card_list_object(list, &card, error);

	if (got != 1)
		return got;
	if (card_list_read(card, ret, error))
		return 1;
	card_list_blame(list, error);
	return -1;
}
