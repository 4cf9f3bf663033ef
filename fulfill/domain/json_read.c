/*
 * json_read.c - one key at a time, with its place.
 */
#include "fulfill/domain/json_read.h"

#include <stdarg.h>
#include <string.h>

#include "queue/day.h"

void
jr_enter(JsonRead *r, const json_t *value, Faults *faults, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->path = g_strdup_vprintf(format, args);
	va_end(args);
	r->faults = faults;
	r->object = json_is_object(value) ? value : NULL;
	if (r->object == NULL)
		faults_add(faults, r->path, "must be an object");
}

void
jr_done(JsonRead *r)
{
	g_clear_pointer(&r->path, g_free);
}

void
jr_fault(JsonRead *r, const char *key, const char *format, ...)
{
	g_autofree char *path = g_strconcat(r->path, ".", key, NULL);
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	faults_add(r->faults, path, "%s", text);
}

static const json_t *
take(JsonRead *r, const char *key, JrNeed need)
{
	const json_t *value = r->object != NULL ? json_object_get(r->object, key) : NULL;

	if (value == NULL || json_is_null(value)) {
		if (need == JR_MUST && r->object != NULL)
			jr_fault(r, key, "is missing");
		return NULL;
	}
	return value;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

const char *
jr_text(JsonRead *r, const char *key, JrNeed need, int max)
{
	const json_t *value = take(r, key, need);
	const char *text;

	if (value == NULL)
		return NULL;
	text = json_string_value(value);
	if (text == NULL)
		jr_fault(r, key, "must be text");
	else if (strlen(text) != json_string_length(value) || has_control(text))
		jr_fault(r, key, "has a control character");
	else if (*text == '\0')
		jr_fault(r, key, "is empty");
	else if (g_utf8_strlen(text, -1) > max)
		jr_fault(r, key, "is longer than %d characters", max);
	else
		return text;
	return NULL;
}

/* Is `word` one of "a|b|c"? */
static bool
among(const char *word, const char *choices)
{
	size_t n = strlen(word);

	for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, word, n) == 0 && (at[n] == '|' || at[n] == '\0'))
			return true;
	}
	return false;
}

const char *
jr_choice(JsonRead *r, const char *key, JrNeed need, const char *choices)
{
	const char *text = jr_text(r, key, need, 100);

	if (text == NULL || among(text, choices))
		return text;
	jr_fault(r, key, "'%s' is not one of %s", text, choices);
	return NULL;
}

int64_t
jr_int(JsonRead *r, const char *key, JrNeed need, int64_t least, int64_t most,
    int64_t absent)
{
	const json_t *value = take(r, key, need);
	int64_t n;

	if (value == NULL)
		return absent;
	if (!json_is_integer(value)) {
		jr_fault(r, key, "must be a whole number");
		return absent;
	}
	n = json_integer_value(value);
	if (n < least || n > most) {
		jr_fault(r, key,
		    "%" G_GINT64_FORMAT " is outside %" G_GINT64_FORMAT
		    " to %" G_GINT64_FORMAT,
		    n, least, most);
		return absent;
	}
	return n;
}

bool
jr_bool(JsonRead *r, const char *key, bool absent)
{
	const json_t *value = take(r, key, JR_MAY);

	if (value == NULL)
		return absent;
	if (!json_is_boolean(value)) {
		jr_fault(r, key, "must be true or false");
		return absent;
	}
	return json_is_true(value);
}

const char *
jr_day(JsonRead *r, const char *key, JrNeed need)
{
	const char *text = jr_text(r, key, need, 10);
	Day day;

	if (text == NULL || day_parse(text, &day, NULL))
		return text;
	jr_fault(r, key, "'%s' is not a day YYYY-MM-DD", text);
	return NULL;
}

const json_t *
jr_object(JsonRead *r, const char *key, JrNeed need)
{
	const json_t *value = take(r, key, need);

	if (value == NULL || json_is_object(value))
		return value;
	jr_fault(r, key, "must be an object");
	return NULL;
}

const json_t *
jr_array(JsonRead *r, const char *key, JrNeed need)
{
	const json_t *value = take(r, key, need);

	if (value == NULL || json_is_array(value))
		return value;
	jr_fault(r, key, "must be a list");
	return NULL;
}

void
jr_only(JsonRead *r, const char *known)
{
	const char *key;
	json_t *value;

	if (r->object == NULL)
		return;
	json_object_foreach ((json_t *)(uintptr_t)r->object, key, value) {
		if (!among(key, known))
			jr_fault(r, key, "is not known here");
	}
}
