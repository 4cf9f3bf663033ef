/*
 * letter_json.c - keys to members, then letter_draw().
 */
#include "print/letter_json.h"

#include <string.h>

#include <jansson.h>

#define CODE_FIELD "{{code}}"
#define MASK_TAIL 5

/* Everything a letter points into. */
typedef struct Draft {
	Letter letter;
	LetterSender sender;
	Address to;
	AddressBlock block;
	GPtrArray *lists; /* of string lists */
	GPtrArray *texts; /* of strings made here */
	CardData *cards;
	LetterItem *items;
} Draft;

static void
draft_clear(Draft *d)
{
	address_block_clear(&d->block);
	g_clear_pointer(&d->lists, g_ptr_array_unref);
	g_clear_pointer(&d->texts, g_ptr_array_unref);
	g_free(d->cards);
	g_free(d->items);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

/* A key that is a text. */
typedef struct Key {
	const char *name;
	size_t offset;
} Key;

/* clang-format off */
static const Key letter_keys[] = {
	{ "form",        offsetof(Draft, letter.form) },
	{ "language",    offsetof(Draft, letter.language) },
	{ "remark",      offsetof(Draft, letter.remark) },
	{ "greeting",    offsetof(Draft, letter.greeting) },
	{ "date",        offsetof(Draft, letter.date) },
	{ "order",       offsetof(Draft, letter.order) },
	{ "customer",    offsetof(Draft, letter.customer) },
	{ "reference",   offsetof(Draft, letter.reference) },
	{ "contact",     offsetof(Draft, letter.contact) },
	{ "subject",     offsetof(Draft, letter.subject) },
	{ "activate_at", offsetof(Draft, letter.activate_at) },
	{ "mark",        offsetof(Draft, letter.mark) },
	{ NULL, 0 },
};
static const Key sender_keys[] = {
	{ "name",  offsetof(Draft, sender.name) },
	{ "phone", offsetof(Draft, sender.phone) },
	{ "email", offsetof(Draft, sender.email) },
	{ "web",   offsetof(Draft, sender.web) },
	{ NULL, 0 },
};
static const Key to_keys[] = {
	{ "company",  offsetof(Draft, to.company) },
	{ "name",     offsetof(Draft, to.name) },
	{ "postcode", offsetof(Draft, to.postcode) },
	{ "city",     offsetof(Draft, to.city) },
	{ "region",   offsetof(Draft, to.region) },
	{ "country",  offsetof(Draft, to.country) },
	{ NULL, 0 },
};
/* clang-format on */

/* 1: taken; 0: not among the keys; -1: no text. */
static int
take_text(
    Draft *d, const Key *keys, const char *name, const json_t *value, GError **error)
{
	for (; keys->name != NULL; keys++) {
		if (strcmp(keys->name, name) != 0)
			continue;
		if (!json_is_string(value) && !json_is_null(value)) {
			err_set(error, TP_ERROR_INVALID, "key '%s' is not a text", name);
			return -1;
		}
		*(const char **)(void *)((char *)d + keys->offset) =
		    json_string_value(value);
		return 1;
	}
	return 0;
}

/* A list of texts, NULL-terminated, kept by the draft. */
static const char *const *
take_list(Draft *d, const char *name, const json_t *value, GError **error)
{
	size_t n = json_array_size(value);
	const char **list = g_new0(const char *, n + 1);

	g_ptr_array_add(d->lists, (gpointer)list);
	for (size_t i = 0; i < n; i++) {
		list[i] = json_string_value(json_array_get(value, i));
		if (list[i] == NULL) {
			err_set(error, TP_ERROR_INVALID,
			    "key '%s' is not a list of texts", name);
			return NULL;
		}
	}
	if (json_is_array(value))
		return list;
	err_set(error, TP_ERROR_INVALID, "key '%s' is not a list", name);
	return NULL;
}

static bool
unknown(const char *where, const char *key, GError **error)
{
	return err_set(error, TP_ERROR_INVALID, "key '%s%.40s' is not known", where, key);
}

static bool
read_sender(Draft *d, json_t *object, GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		int got = take_text(d, sender_keys, key, value, error);

		if (got < 0)
			return false;
		if (got == 1)
			continue;
		if (strcmp(key, "address") == 0) {
			d->sender.address = take_list(d, key, value, error);
			if (d->sender.address == NULL)
				return false;
		} else if (strcmp(key, "footers") == 0) {
			const char *const *footers = take_list(d, key, value, error);

			if (footers == NULL)
				return false;
			for (int i = 0; i < LETTER_FOOTERS && footers[i] != NULL; i++)
				d->sender.footers[i] = footers[i];
		} else {
			return unknown("sender.", key, error);
		}
	}
	return true;
}

static bool
read_to(Draft *d, json_t *object, GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		int got = take_text(d, to_keys, key, value, error);

		if (got < 0)
			return false;
		if (got == 1)
			continue;
		if (strcmp(key, "lines") != 0)
			return unknown("to.", key, error);
		d->to.lines = take_list(d, key, value, error);
		if (d->to.lines == NULL)
			return false;
	}
	return true;
}

/* "*****-...-ABCDE" */
static const char *
masked(Draft *d, const char *code)
{
	size_t n = code != NULL ? strlen(code) : 0;
	char *text =
	    g_strconcat("*****-...-", n > MASK_TAIL ? code + n - MASK_TAIL : "?", NULL);

	g_ptr_array_add(d->texts, text);
	return text;
}

static const char *
url_of(Draft *d, const char *pattern, const char *code)
{
	const char *hole = strstr(pattern, CODE_FIELD);
	char *text;

	if (hole == NULL)
		return NULL;
	text = g_strdup_printf(
	    "%.*s%s%s", (int)(hole - pattern), pattern, code, hole + strlen(CODE_FIELD));
	g_ptr_array_add(d->texts, text);
	return text;
}

static bool
read_cards(Draft *d, const LetterDefaults *defaults, json_t *value, GError **error)
{
	size_t n = json_array_size(value);

	d->cards = g_new0(CardData, n + 1);
	d->items = g_new0(LetterItem, n + 1);
	for (size_t i = 0; i < n; i++) {
		CardData *card = &d->cards[i];

		card->language = d->letter.language;
		if (!card_list_read(json_array_get(value, i), card, error))
			return false;
		if (card->qr_text == NULL && defaults->url != NULL && card->code != NULL)
			card->qr_text = url_of(d, defaults->url, card->code);
		d->items[i] = (LetterItem){ .product = card->product,
			.masked = masked(d, card->code),
			.serial = card->serial,
			.valid = card->valid };
	}
	d->letter.cards = d->cards;
	d->letter.items = d->items;
	d->letter.n_cards = d->letter.n_items = (int)n;
	return true;
}

static bool
read_kind(Draft *d, const json_t *value, GError **error)
{
	const char *name = json_string_value(value);

	return (name != NULL && letter_kind_from_name(name, &d->letter.kind)) ||
	       err_set(error, TP_ERROR_INVALID, "key 'kind' is not cards, pin or note");
}

static bool
read_letter(Draft *d, const LetterDefaults *defaults, json_t *object, GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		int got = take_text(d, letter_keys, key, value, error);
		bool ok = got == 1;

		if (got < 0)
			return false;
		if (got == 1 || strcmp(key, "cards") == 0)
			continue;
		if (strcmp(key, "kind") == 0)
			ok = read_kind(d, value, error);
		else if (strcmp(key, "sender") == 0)
			ok = read_sender(d, value, error);
		else if (strcmp(key, "to") == 0)
			ok = read_to(d, value, error);
		else if (strcmp(key, "paragraphs") == 0)
			ok = (d->letter.paragraphs = take_list(d, key, value, error)) !=
			     NULL;
		else
			return unknown("", key, error);
		if (!ok)
			return false;
	}
	return read_cards(d, defaults, json_object_get(object, "cards"), error);
}

/* Mail that stays in the country carries no country. */
static bool
read_and_draw(const LetterDefaults *defaults, json_t *object, Pen *pen, int *ret_cards,
    int *ret_pages, GError **error)
{
	g_auto(Draft) d = {
		.letter = { .form = defaults->form,
		    .language = defaults->language,
		    .shift_x_mm = defaults->shift_x_mm,
		    .shift_y_mm = defaults->shift_y_mm,
		    .scale = defaults->scale },
		.to = { .country = "DE" },
		.lists = g_ptr_array_new_with_free_func(g_free),
		.texts = g_ptr_array_new_with_free_func(g_free),
	};

	d.letter.sender = &d.sender;
	d.letter.to = &d.block;
	if (!read_letter(&d, defaults, object, error))
		return false;
	if (!address_format(&d.to, "DE", d.letter.language, &d.block, error))
		return false;
	*ret_cards = d.letter.n_cards;
	return letter_draw(pen, &d.letter, ret_pages, error);
}

int
letter_json_draw(CardList *list, const LetterDefaults *defaults, Pen *pen, int *ret_cards,
    int *ret_pages, GError **error)
{
	json_t *object;
	int got = card_list_object(list, &object, error);

	if (got <= 0)
		return got;
	if (read_and_draw(defaults, object, pen, ret_cards, ret_pages, error))
		return 1;
	card_list_blame(list, error);
	return -1;
}
