/*
 * rrule_parse.c - read a rule, and say what is wrong with it.
 */
#include "fulfill/domain/rrule_private.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

#define DAILY (1 << RULE_DAILY)
#define WEEKLY (1 << RULE_WEEKLY)
#define MONTHLY (1 << RULE_MONTHLY)
#define YEARLY (1 << RULE_YEARLY)
#define ALWAYS (DAILY | WEEKLY | MONTHLY | YEARLY)

typedef struct Part Part;
struct Part {
	const char *name;
	int freqs; /* in which it may stand */
	/* Reads the value into the rule; the caller has named the part already. */
	bool (*read)(const Part *part, const char *value, Rule *rule, GError **error);
	size_t offset; /* of the GArray or int in Rule that numbers go to */
	int least;
	int most;
};

/* clang-format off */
static bool read_freq(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_number(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_numbers(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_months(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_weekdays(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_week_start(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_until(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_rscale(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_skip(const Part *part, const char *value, Rule *rule, GError **error);
static bool read_hour(const Part *part, const char *value, Rule *rule, GError **error);

/* RFC 5545 3.3.10 and RFC 7529 4.1.  Lists whose least is below 0 run to -1 and from 1. */
static const Part parts[] = {
	{ "FREQ",       ALWAYS,                    read_freq,       0, 0, 0 },
	{ "INTERVAL",   ALWAYS,                    read_number,     offsetof(Rule, interval), 1, 1000 },
	{ "COUNT",      ALWAYS,                    read_number,     offsetof(Rule, count), 1, 100000 },
	{ "UNTIL",      ALWAYS,                    read_until,      0, 0, 0 },
	{ "WKST",       ALWAYS,                    read_week_start, 0, 0, 0 },
	{ "BYMONTH",    ALWAYS,                    read_months,     0, 1, 12 },
	{ "BYMONTHDAY", DAILY | MONTHLY | YEARLY,  read_numbers,    offsetof(Rule, month_days), -28, 31 },
	{ "BYYEARDAY",  YEARLY,                    read_numbers,    offsetof(Rule, year_days), -365, 365 },
	{ "BYWEEKNO",   YEARLY,                    read_numbers,    offsetof(Rule, week_numbers), -53, 53 },
	{ "BYDAY",      ALWAYS,                    read_weekdays,   0, -53, 53 },
	{ "BYSETPOS",   WEEKLY | MONTHLY | YEARLY, read_numbers,    offsetof(Rule, places), -366, 366 },
	{ "RSCALE",     ALWAYS,                    read_rscale,     0, 0, 0 },
	{ "SKIP",       ALWAYS,                    read_skip,       0, 0, 0 },
	{ "BYHOUR",     ALWAYS,                    read_hour,       0, 0, 0 },
	{ "BYMINUTE",   ALWAYS,                    read_hour,       0, 0, 0 },
	{ "BYSECOND",   ALWAYS,                    read_hour,       0, 0, 0 },
};

static const char *const freq_names[] = {
	[RULE_DAILY]   = "DAILY",
	[RULE_WEEKLY]  = "WEEKLY",
	[RULE_MONTHLY] = "MONTHLY",
	[RULE_YEARLY]  = "YEARLY",
};

static const char *const weekday_names[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
/* clang-format on */

Rule *
rule_new(void)
{
	Rule *rule = g_new0(Rule, 1);

	rule->interval = 1;
	rule->until_day = DAY_MAX;
	rule->week_start = 1;
	rule->bends = true;
	rule->month_days = g_array_new(FALSE, FALSE, sizeof(int));
	rule->year_days = g_array_new(FALSE, FALSE, sizeof(int));
	rule->week_numbers = g_array_new(FALSE, FALSE, sizeof(int));
	rule->places = g_array_new(FALSE, FALSE, sizeof(int));
	rule->weekdays = g_array_new(FALSE, FALSE, sizeof(NthWeekday));
	return rule;
}

Rule *
rule_copy(const Rule *rule)
{
	Rule *copy = g_new0(Rule, 1);

	*copy = *rule;
	copy->month_days = g_array_copy(rule->month_days);
	copy->year_days = g_array_copy(rule->year_days);
	copy->week_numbers = g_array_copy(rule->week_numbers);
	copy->places = g_array_copy(rule->places);
	copy->weekdays = g_array_copy(rule->weekdays);
	return copy;
}

void
rule_free(Rule *rule)
{
	if (rule == NULL)
		return;
	g_array_unref(rule->month_days);
	g_array_unref(rule->year_days);
	g_array_unref(rule->week_numbers);
	g_array_unref(rule->places);
	g_array_unref(rule->weekdays);
	g_free(rule);
}

/* ---- values ---- */

/* A number of at most four digits with an optional sign, and nothing after it. */
static bool
take_number(const char *text, int *ret)
{
	size_t digits = 0;
	int sign = text[0] == '-' ? -1 : 1;
	int n = 0;

	if (text[0] == '-' || text[0] == '+')
		text++;
	for (; g_ascii_isdigit(text[digits]) && digits < 7; digits++)
		n = n * 10 + g_ascii_digit_value(text[digits]);
	if (digits == 0 || text[digits] != '\0')
		return false;
	*ret = sign * n;
	return true;
}

/* A number within the bounds of the part; 0 is in none of them. */
static bool
read_bounded(const Part *part, const char *text, int *ret, GError **error)
{
	int n = 0;
	g_autofree char *shown = NULL;

	if (take_number(text, &n) && n != 0 && n >= part->least && n <= part->most) {
		*ret = n;
		return true;
	}
	shown = quote(text);
	if (part->least < 0)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is not a number from 1 to %d or from -1 to %d", shown,
		    part->most, part->least);
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a number from %d to %d",
	    shown, part->least, part->most);
}

static bool
read_freq(const Part *part, const char *value, Rule *rule, GError **error)
{
	g_autofree char *shown = NULL;

	(void)part;
	for (size_t i = 0; i < G_N_ELEMENTS(freq_names); i++) {
		if (strcmp(value, freq_names[i]) == 0) {
			rule->freq = (RuleFreq)i;
			return true;
		}
	}
	shown = quote(value);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not DAILY, WEEKLY, MONTHLY or YEARLY", shown);
}

static bool
read_number(const Part *part, const char *value, Rule *rule, GError **error)
{
	return read_bounded(
	    part, value, (int *)(void *)((char *)rule + part->offset), error);
}

static bool
read_numbers(const Part *part, const char *value, Rule *rule, GError **error)
{
	GArray *numbers = *(GArray **)(void *)((char *)rule + part->offset);
	g_auto(GStrv) texts = g_strsplit(value, ",", -1);

	for (char **text = texts; *text != NULL; text++) {
		int n = 0;

		if (!read_bounded(part, *text, &n, error))
			return false;
		g_array_append_val(numbers, n);
	}
	return true;
}

static bool
read_months(const Part *part, const char *value, Rule *rule, GError **error)
{
	g_auto(GStrv) texts = g_strsplit(value, ",", -1);

	for (char **text = texts; *text != NULL; text++) {
		int n = 0;

		if (!read_bounded(part, *text, &n, error))
			return false;
		rule->months |= 1 << n;
	}
	return true;
}

static int
weekday_from_name(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(weekday_names); i++)
		if (strcmp(name, weekday_names[i]) == 0)
			return (int)i + 1;
	return 0;
}

static bool
read_weekdays(const Part *part, const char *value, Rule *rule, GError **error)
{
	g_auto(GStrv) texts = g_strsplit(value, ",", -1);

	for (char **text = texts; *text != NULL; text++) {
		size_t length = strlen(*text);
		g_autofree char *number = NULL;
		g_autofree char *shown = quote(*text);
		NthWeekday w = { 0, 0 };

		if (length >= 2)
			w.weekday = weekday_from_name(*text + length - 2);
		if (w.weekday == 0)
			return err_set(error, TP_ERROR_INVALID,
			    "'%s' is not a weekday: MO, TU, WE, TH, FR, SA, SU", shown);
		number = g_strndup(*text, length - 2);
		if (length > 2 && !read_bounded(part, number, &w.n, error))
			return false;
		g_array_append_val(rule->weekdays, w);
	}
	return true;
}

static bool
read_week_start(const Part *part, const char *value, Rule *rule, GError **error)
{
	g_autofree char *shown = NULL;

	(void)part;
	rule->week_start = weekday_from_name(value);
	if (rule->week_start != 0)
		return true;
	shown = quote(value);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a weekday: MO, TU, WE, TH, FR, SA, SU", shown);
}

/* 20271231, 20271231T120000, 20271231T120000Z: by way of the forms with marks, whose
 * readers know what is a day and what is not. */
static bool
read_until(const Part *part, const char *value, Rule *rule, GError **error)
{
	size_t length = strlen(value);
	g_autofree char *shown = quote(value);

	(void)part;
	if (length == 8 ||
	    ((length == 15 || (length == 16 && value[15] == 'Z')) && value[8] == 'T')) {
		g_autofree char *day =
		    g_strdup_printf("%.4s-%.2s-%.2s", value, value + 4, value + 6);
		g_autofree char *time = length == 8
					    ? g_strdup("00:00:00")
					    : g_strdup_printf("%.2s:%.2s:%.2s", value + 9,
						  value + 11, value + 13);

		rule->until_form = length == 8    ? UNTIL_DAY
				   : length == 15 ? UNTIL_LOCAL
						  : UNTIL_UTC;
		if (day_parse(day, &rule->until_day, NULL) &&
		    daytime_parse(time, &rule->until_s, NULL))
			return true;
	}
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a day like 20271231 or a time like 20271231T120000Z", shown);
}

static bool
read_rscale(const Part *part, const char *value, Rule *rule, GError **error)
{
	(void)part;
	(void)rule;
	return strcmp(value, "GREGORIAN") == 0 ||
	       err_set(error, TP_ERROR_INVALID, "only GREGORIAN is known");
}

static bool
read_skip(const Part *part, const char *value, Rule *rule, GError **error)
{
	(void)part;
	rule->bends = strcmp(value, "BACKWARD") == 0;
	return rule->bends || strcmp(value, "OMIT") == 0 ||
	       err_set(error, TP_ERROR_INVALID, "only BACKWARD and OMIT are known");
}

static bool
read_hour(const Part *part, const char *value, Rule *rule, GError **error)
{
	(void)part;
	(void)value;
	(void)rule;
	return err_set(error, TP_ERROR_INVALID,
	    "the time of day does not belong into the rule, it stands beside it");
}

/* ---- the whole ---- */

static bool
rule_check(Rule *rule, guint seen, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if ((seen & (1u << i)) != 0 && (parts[i].freqs & (1 << rule->freq)) == 0)
			return err_set(error, TP_ERROR_INVALID,
			    "%s does not belong into a rule of FREQ=%s", parts[i].name,
			    freq_names[rule->freq]);
	if (rule->count != 0 && rule->until_form != UNTIL_NONE)
		return err_set(
		    error, TP_ERROR_INVALID, "COUNT and UNTIL exclude each other");
	for (guint i = 0; i < rule->weekdays->len; i++) {
		int n = ABS(g_array_index(rule->weekdays, NthWeekday, i).n);

		if (n != 0 && (rule->freq <= RULE_WEEKLY || rule->week_numbers->len != 0))
			return err_set(error, TP_ERROR_INVALID,
			    "BYDAY has numbers only in MONTHLY and YEARLY rules without "
			    "BYWEEKNO");
		if (n > 5 && (rule->freq == RULE_MONTHLY || rule->months != 0))
			return err_set(error, TP_ERROR_INVALID,
			    "BYDAY: no month has %d of one weekday", n);
	}
	if (rule->week_numbers->len != 0 && rule->weekdays->len == 0)
		return err_set(
		    error, TP_ERROR_INVALID, "BYWEEKNO needs the weekdays in BYDAY");
	if (rule->places->len != 0 &&
	    rule->weekdays->len + rule->month_days->len + rule->year_days->len == 0)
		return err_set(error, TP_ERROR_INVALID,
		    "BYSETPOS has nothing to pick from: BYDAY or BYMONTHDAY is missing");
	rule->bends = rule->bends && rule->places->len == 0 && rule->weekdays->len == 0;
	return true;
}

static bool
read_part(const char *text, Rule *rule, guint *seen, GError **error)
{
	const char *value = strchr(text, '=');
	g_autofree char *shown = quote(text);

	if (value == NULL || value[1] == '\0')
		return err_set(error, TP_ERROR_INVALID, "'%s' is not NAME=VALUE", shown);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		const Part *part = &parts[i];
		size_t length = strlen(part->name);

		if ((size_t)(value - text) != length ||
		    strncmp(text, part->name, length) != 0)
			continue;
		if ((*seen & (1u << i)) != 0)
			return err_set(
			    error, TP_ERROR_INVALID, "%s stands twice", part->name);
		*seen |= 1u << i;
		if (part->read(part, value + 1, rule, error))
			return true;
		g_prefix_error(error, "%s: ", part->name);
		return false;
	}
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a part of a rule", shown);
}

static bool
read_parts(const char *text, Rule *rule, GError **error)
{
	g_autofree char *upper = g_ascii_strup(text, -1);
	const char *body = g_str_has_prefix(upper, "RRULE:") ? upper + 6 : upper;
	g_auto(GStrv) texts = g_strsplit(body, ";", -1);
	guint seen = 0;

	for (char **part = texts; *part != NULL; part++)
		if (!read_part(*part, rule, &seen, error))
			return false;
	if ((seen & 1u) == 0)
		return err_set(error, TP_ERROR_INVALID, "FREQ is missing");
	return rule_check(rule, seen, error);
}

Rule *
rule_parse(const char *text, GError **error)
{
	g_autoptr(Rule) rule = rule_new();
	g_autofree char *shown = NULL;

	if (strlen(text) > LIMIT_RRULE_BYTES) {
		err_set(error, TP_ERROR_INVALID,
		    "a recurrence rule is longer than %d bytes", LIMIT_RRULE_BYTES);
		return NULL;
	}
	if (read_parts(text, rule, error))
		return g_steal_pointer(&rule);
	shown = quote(text);
	g_prefix_error(error, "'%s' is not a recurrence rule: ", shown);
	return NULL;
}
