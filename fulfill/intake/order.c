/*
 * order.c - drafts, their errors, and the hash of what they say.
 */
#include "fulfill/intake/order.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* ---- names ---- */

/* clang-format off */
static const struct {
	const char *name;
	const char *sentence;
} codes[] = {
#define ORDER_ERROR(name, sentence) [E_##name] = { "E_" #name, sentence },
#include "fulfill/intake/errors.def"
#undef ORDER_ERROR
};

static const char *const kinds[] = {
	[ORDER_NEW]     = "order",
	[ORDER_CHANGE]  = "change",
	[ORDER_REPLACE] = "replace",
	[ORDER_CANCEL]  = "cancel",
};

static const char *const bys[] = {
	[ORDER_BY_UNSET]  = NULL,
	[ORDER_BY_EMAIL]  = "email",
	[ORDER_BY_POST]   = "post",
	[ORDER_BY_PORTAL] = "portal",
};

static const char *const tos[] = {
	[ORDER_TO_UNSET]    = NULL,
	[ORDER_TO_CUSTOMER] = "customer",
	[ORDER_TO_PARTY]    = "party",
};

/* All single texts of a draft but number and source, for freeing and hashing.  The order
 * of rows is the order in the hash: append only. */
static const size_t texts[] = {
	offsetof(OrderDraft, party),
	offsetof(OrderDraft, ordered_on),
	offsetof(OrderDraft, reference),
	offsetof(OrderDraft, customer.id),
	offsetof(OrderDraft, customer.name),
	offsetof(OrderDraft, customer.company),
	offsetof(OrderDraft, customer.email),
	offsetof(OrderDraft, customer.language),
	offsetof(OrderDraft, customer.address.postcode),
	offsetof(OrderDraft, customer.address.city),
	offsetof(OrderDraft, customer.address.region),
	offsetof(OrderDraft, customer.address.country),
	offsetof(OrderDraft, deliver_email),
	offsetof(OrderDraft, customer.kind),
};
/* clang-format on */

static char **
text_at(const OrderDraft *draft, size_t i)
{
	return (char **)(void *)((char *)(void *)draft + texts[i]);
}

static bool
from_name(const char *const *names, size_t n, const char *name, unsigned *ret)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0) {
			*ret = (unsigned)i;
			return true;
		}
	return false;
}

#define NAMES(Type, stem, table)                                                         \
	const char *stem##_name(Type value)                                              \
	{                                                                                \
		return (size_t)value < G_N_ELEMENTS(table) ? table[value] : NULL;        \
	}                                                                                \
                                                                                         \
	bool stem##_from_name(const char *name, Type *ret)                               \
	{                                                                                \
		unsigned i;                                                              \
                                                                                         \
		if (!from_name(table, G_N_ELEMENTS(table), name, &i))                    \
			return false;                                                    \
		*ret = (Type)i;                                                          \
		return true;                                                             \
	}

NAMES(OrderKind, order_kind, kinds)
NAMES(OrderBy, order_by, bys)
NAMES(OrderTo, order_to, tos)

const char *
order_error_name(OrderErrorCode code)
{
	return codes[code].name;
}

const char *
order_error_sentence(OrderErrorCode code)
{
	return codes[code].sentence;
}

bool
order_error_from_name(const char *name, OrderErrorCode *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		if (strcmp(codes[i].name, name) == 0) {
			*ret = (OrderErrorCode)i;
			return true;
		}
	return false;
}

OrderErrorCode
order_error_of(const GError *error)
{
	const char *colon = strchr(error->message, ':');
	OrderErrorCode code = E_FORMAT;

	if (colon != NULL) {
		g_autofree char *name =
		    g_strndup(error->message, (gsize)(colon - error->message));

		if (!order_error_from_name(name, &code))
			code = E_FORMAT;
	}
	return code;
}

bool
order_error_set(GError **error, OrderErrorCode code, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	return err_set(error, TP_ERROR_INVALID, "%s: %s", order_error_name(code), text);
}

/* ---- drafts ---- */

static void
option_free(void *data)
{
	OrderOption *option = data;

	g_free(option->name);
	g_strfreev(option->words);
	g_free(option);
}

static void
line_free(void *data)
{
	OrderLine *line = data;

	g_free(line->line);
	g_free(line->product);
	g_free(line->place);
	g_ptr_array_unref(line->options);
	g_free(line);
}

static void
error_free(void *data)
{
	OrderError *error = data;

	g_free(error->line);
	g_free(error->field);
	g_free(error->text);
	g_free(error);
}

OrderDraft *
order_draft_new(void)
{
	OrderDraft *draft = g_new0(OrderDraft, 1);

	draft->lines = g_ptr_array_new_with_free_func(line_free);
	draft->errors = g_ptr_array_new_with_free_func(error_free);
	return draft;
}

void
order_draft_free(OrderDraft *draft)
{
	if (draft == NULL)
		return;
	g_free(draft->number);
	g_free(draft->source);
	g_free(draft->edi_sender);
	g_free(draft->edi_recipient);
	g_free(draft->place);
	g_strfreev(draft->customer.address.lines);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*text_at(draft, i));
	g_ptr_array_unref(draft->lines);
	g_ptr_array_unref(draft->errors);
	g_free(draft);
}

OrderLine *
order_draft_add_line(OrderDraft *draft)
{
	OrderLine *line = g_new0(OrderLine, 1);

	line->options = g_ptr_array_new_with_free_func(option_free);
	g_ptr_array_add(draft->lines, line);
	return line;
}

OrderLine *
order_draft_find_line(const OrderDraft *draft, const char *id)
{
	for (guint i = 0; i < draft->lines->len; i++) {
		OrderLine *line = g_ptr_array_index(draft->lines, i);

		if (g_strcmp0(line->line, id) == 0)
			return line;
	}
	return NULL;
}

void
order_draft_error(OrderDraft *draft, OrderErrorCode code, const char *line,
    const char *field, const char *format, ...)
{
	OrderError *error = g_new0(OrderError, 1);
	va_list args;

	error->code = code;
	error->line = g_strdup(line);
	error->field = g_strdup(field);
	va_start(args, format);
	error->text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(draft->errors, error);
}

bool
order_draft_has_errors(const OrderDraft *draft, const char *line)
{
	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *error = g_ptr_array_index(draft->errors, i);

		if (g_strcmp0(error->line, line) == 0)
			return true;
	}
	return false;
}

/* ---- options ---- */

/* The place of `name` in the sorted list; *found says whether it is there. */
static guint
option_place(const OrderLine *line, const char *name, bool *found)
{
	guint i;

	*found = false;
	for (i = 0; i < line->options->len; i++) {
		const OrderOption *option = g_ptr_array_index(line->options, i);
		int cmp = strcmp(option->name, name);

		if (cmp < 0)
			continue;
		*found = cmp == 0;
		break;
	}
	return i;
}

const OrderOption *
order_line_find_option(const OrderLine *line, const char *name)
{
	bool found;
	guint i = option_place(line, name, &found);

	return found ? g_ptr_array_index(line->options, i) : NULL;
}

static OrderOption *
option_put(OrderLine *line, const char *name)
{
	bool found;
	guint i = option_place(line, name, &found);
	OrderOption *option;

	if (found) {
		option = g_ptr_array_index(line->options, i);
		g_clear_pointer(&option->words, g_strfreev);
		return option;
	}
	option = g_new0(OrderOption, 1);
	option->name = g_strdup(name);
	g_ptr_array_insert(line->options, (int)i, option);
	return option;
}

void
order_line_set_number(OrderLine *line, const char *name, int64_t number)
{
	option_put(line, name)->number = number;
}

void
order_line_set_words(OrderLine *line, const char *name, const char *const *words)
{
	OrderOption *option = option_put(line, name);

	option->number = 0;
	option->words = g_strdupv((char **)(uintptr_t)words);
}

/* ---- the hash ---- */

static void
hash_words(Hash *hash, char *const *words)
{
	guint n = words != NULL ? g_strv_length((char **)(uintptr_t)words) : 0;

	hash_add_int(hash, words != NULL ? (int64_t)n : -1);
	for (guint i = 0; i < n; i++)
		hash_add_text(hash, words[i]);
}

static void
hash_line(Hash *hash, const OrderLine *line)
{
	hash_add_text(hash, line->line);
	hash_add_text(hash, line->product);
	hash_add_int(hash, line->quantity);
	hash_add_int(hash, line->options->len);
	for (guint i = 0; i < line->options->len; i++) {
		const OrderOption *option = g_ptr_array_index(line->options, i);

		hash_add_text(hash, option->name);
		hash_words(hash, option->words);
		hash_add_int(hash, option->number);
	}
}

static gint
by_id(gconstpointer a, gconstpointer b)
{
	const OrderLine *const *x = a;
	const OrderLine *const *y = b;

	return g_strcmp0((*x)->line, (*y)->line);
}

void
order_draft_hash(const OrderDraft *draft, uint8_t ret[HASH_BYTES])
{
	g_autoptr(GPtrArray) lines = g_ptr_array_sized_new(draft->lines->len);
	Hash hash;

	hash_init(&hash);
	hash_add_text(&hash, order_kind_name(draft->kind));
	hash_add_text(&hash, draft->number);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		hash_add_text(&hash, *text_at(draft, i));
	hash_words(&hash, draft->customer.address.lines);
	hash_add_text(&hash, order_by_name(draft->deliver_by));
	hash_add_text(&hash, order_to_name(draft->deliver_to));

	for (guint i = 0; i < draft->lines->len; i++)
		g_ptr_array_add(lines, g_ptr_array_index(draft->lines, i));
	g_ptr_array_sort(lines, by_id);
	hash_add_int(&hash, lines->len);
	for (guint i = 0; i < lines->len; i++)
		hash_line(&hash, g_ptr_array_index(lines, i));
	hash_done(&hash, ret);
}
