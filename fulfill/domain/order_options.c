/*
 * order_options.c - options of a line in JSON.
 */
#include "fulfill/domain/order_options.h"

#include <string.h>

static json_t *
words_json(char *const *words)
{
	json_t *list = json_array();

	for (; *words != NULL; words++)
		json_array_append_new(list, json_string(*words));
	return list;
}

static const char *
start_of(const OrderOption *option)
{
	return option->words != NULL && option->words[0] != NULL &&
		       option->words[1] == NULL
		   ? option->words[0]
		   : NULL;
}

json_t *
order_options_asked(OrderDraft *draft, const OrderLine *line, Day today)
{
	json_t *asked = json_object();

	for (guint i = 0; i < line->options->len; i++) {
		const OrderOption *option = g_ptr_array_index(line->options, i);
		g_autoptr(GError) wrong = NULL;
		Day start;

		if (strcmp(option->name, OPTION_START) != 0)
			json_object_set_new(asked, option->name,
			    option->words != NULL ? words_json(option->words)
						  : json_integer(option->number));
		else if (start_of(option) != NULL &&
			 day_parse(start_of(option), &start, &wrong))
			json_object_set_new(
			    asked, option->name, json_integer(day_diff(today, start)));
		else
			order_draft_error(draft, E_DATE, line->line,
			    "options." OPTION_START, "must be a day YYYY-MM-DD");
	}
	return asked;
}

/* Nobody said anything: what the ranges say. */
static void
put_fallback(json_t *stored, const char *name, const Range *range)
{
	const char *const *words = range_fallback_words(range);
	int64_t number;

	if (words != NULL)
		json_object_set_new(
		    stored, name, words_json((char *const *)(uintptr_t)words));
	else if (range_fallback(range, &number) ||
		 (!range_is_words(range) && !range_is_empty(range) &&
		     ((number = range_min(range)), true)))
		json_object_set_new(stored, name, json_integer(number));
}

char *
order_options_stored(const OrderLine *line, const Ranges *offer)
{
	json_t *stored = json_object();
	char *text;

	for (guint i = 0; i < ranges_count(offer); i++) {
		const Range *range;
		const char *name = ranges_nth(offer, i, &range);
		const OrderOption *option = order_line_find_option(line, name);

		if (strcmp(name, OPTION_START) == 0) {
			if (option != NULL && start_of(option) != NULL)
				json_object_set_new(
				    stored, name, json_string(start_of(option)));
		} else if (option == NULL) {
			put_fallback(stored, name, range);
		} else {
			json_object_set_new(stored, name,
			    option->words != NULL ? words_json(option->words)
						  : json_integer(option->number));
		}
	}
	text = json_object_size(stored) > 0
		   ? json_dumps(stored, JSON_COMPACT | JSON_SORT_KEYS)
		   : NULL;
	json_decref(stored);
	return text;
}

static void
carry(OrderLine *line, const char *name, const json_t *value)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	size_t i;
	json_t *word;

	if (json_is_integer(value)) {
		order_line_set_number(line, name, json_integer_value(value));
		return;
	}
	json_array_foreach (value, i, word)
		g_ptr_array_add(words, (gpointer)(uintptr_t)json_string_value(word));
	g_ptr_array_add(words, NULL);
	order_line_set_words(line, name, (const char *const *)words->pdata);
}

void
order_options_carry(OrderLine *line, const char *stored, const Ranges *offer)
{
	json_t *options = stored != NULL ? json_loads(stored, 0, NULL) : NULL;
	const char *name;
	json_t *value;

	json_object_foreach (options, name, value) {
		if (strcmp(name, OPTION_START) == 0 ||
		    (offer != NULL && ranges_find(offer, name) == NULL))
			continue;
		carry(line, name, value);
	}
	json_decref(options);
}

Day
order_options_start(const json_t *stored, Day today)
{
	const char *text = json_string_value(json_object_get(stored, OPTION_START));
	Day start;

	return text != NULL && day_parse(text, &start, NULL) ? start : today;
}
