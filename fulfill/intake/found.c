/*
 * found.c - from parties, amounts and properties of a business document to those of an
 * order.
 */
#include "fulfill/intake/found.h"

#include <string.h>

#include "queue/quote.h"

/* clang-format off */
/* Single texts of a customer. */
static const struct {
	size_t offset;
	const char *path;
} fields[] = {
	{ offsetof(Found, id),       "customer.id" },
	{ offsetof(Found, name),     "customer.name" },
	{ offsetof(Found, company),  "customer.company" },
	{ offsetof(Found, email),    "customer.email" },
	{ offsetof(Found, language), "customer.language" },
	{ offsetof(Found, postcode), "customer.address.postcode" },
	{ offsetof(Found, city),     "customer.address.city" },
	{ offsetof(Found, region),   "customer.address.region" },
	{ offsetof(Found, country),  "customer.address.country" },
};
/* clang-format on */

static char **
field_at(const Found *found, size_t i)
{
	return (char **)(void *)((char *)(uintptr_t)found + fields[i].offset);
}

void
found_clear(Found *found)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		g_clear_pointer(field_at(found, i), g_free);
	g_clear_pointer(&found->lines, g_ptr_array_unref);
}

void
found_take(char **field, char *text)
{
	if (text == NULL || *g_strstrip(text) == '\0' || *field != NULL)
		g_free(text);
	else
		*field = text;
}

void
found_take_line(Found *found, char *text)
{
	if (text == NULL || *g_strstrip(text) == '\0') {
		g_free(text);
		return;
	}
	if (found->lines == NULL)
		found->lines = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(found->lines, text);
}

static bool
is_there(const Found *found)
{
	return found->id != NULL || found->company != NULL || found->name != NULL ||
	       found->email != NULL;
}

/* One and the same, as far as can be seen: by number, or by name where a number lacks. */
static bool
is_same(const Found *a, const Found *b)
{
	if (a->id != NULL && b->id != NULL)
		return strcmp(a->id, b->id) == 0;
	return g_strcmp0(a->company, b->company) == 0 && g_strcmp0(a->name, b->name) == 0;
}

static void
give_customer(Build *b, const Found *found)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *text = *field_at(found, i);

		if (text != NULL)
			build_text(b, fields[i].path, text, strlen(text));
	}
	for (guint i = 0; found->lines != NULL && i < found->lines->len; i++) {
		const char *line = g_ptr_array_index(found->lines, i);

		build_address_line(b, line, strlen(line));
	}
}

void
found_give(Build *b, const Found *buyer, const Found *const *users, size_t n_users)
{
	if (buyer->id != NULL)
		build_text(b, "party", buyer->id, strlen(buyer->id));
	for (size_t i = 0; i < n_users; i++)
		if (is_there(users[i]) && !is_same(users[i], buyer)) {
			give_customer(b, users[i]);
			return;
		}
}

/* ---- amounts and options ---- */

/* clang-format off */
/* UN/ECE Recommendation 20 and what is seen in its place: units in which one is one.  A dozen
 * or a kilogram is none. */
static const char *const units[] = {
	"C62", "H87", "EA", "PCE", "PC", "PCS", "NAR", "NMB", "ST", "STK", "XPP", "LIC",
};
/* clang-format on */

static size_t
whole_part(const char *text, char mark)
{
	size_t size = strlen(text);
	const char *point = strchr(text, mark);

	/* "3.00" is 3; "3.50" stays as it is and is refused as a quantity. */
	if (point != NULL && point > text && point[1] != '\0' &&
	    strspn(point + 1, "0") == strlen(point + 1))
		size = (size_t)(point - text);
	return size;
}

static bool
is_piece_unit(const char *unit)
{
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_ascii_strcasecmp(units[i], unit) == 0)
			return true;
	return false;
}

void
found_give_amount(Build *b, const char *amount, char mark, const char *unit)
{
	if (unit != NULL && *unit != '\0' && !is_piece_unit(unit)) {
		g_autofree char *shown = quote(unit);

		build_error(b, E_QUANTITY, "quantity",
		    "unit '%s' is not one of single pieces", shown);
	}
	if (amount != NULL)
		build_quantity(b, amount, whole_part(amount, mark));
}

void
found_give_option(Build *b, const char *title, const char *value)
{
	g_autofree char *name = g_ascii_strdown(title, -1);
	g_autofree char *shown = quote(title);

	g_strdelimit(name, " -.", '_');
	if (!build_option_name(name)) {
		g_autofree char *field = g_strconcat("options.", shown, NULL);

		build_error(b, E_OPTION_UNKNOWN, field,
		    "'%s' is not the name of an option (a-z, 0-9, _)", shown);
		return;
	}
	build_option_text(b, name, value, strlen(value));
}
