/*
 * words.c - the table of words.
 */
#include "print/words.h"

#include <string.h>

#include "queue/day.h"

typedef enum Column { ENGLISH, GERMAN } Column;

/* clang-format off */
static const char *const words[N_WORDS][2] = {
#define WORD(name, english, german) [WORD_##name] = { english, german },
#include "print/words.def"
#undef WORD
};
/* clang-format on */

static Column
column(const char *language)
{
	return language != NULL && g_ascii_strncasecmp(language, "de", 2) == 0 &&
		       !g_ascii_isalnum(language[2])
		   ? GERMAN
		   : ENGLISH;
}

const char *
word(const char *language, Word w)
{
	return words[w][column(language)];
}

char *
word_day(const char *language, const char *day)
{
	static const char *const months[] = { "January", "February", "March", "April",
		"May", "June", "July", "August", "September", "October", "November",
		"December" };
	Day parsed;
	Ymd ymd;

	if (!day_parse(day, &parsed, NULL))
		return g_strdup(day);
	ymd = day_ymd(parsed);
	if (column(language) == GERMAN)
		return g_strdup_printf("%02d.%02d.%04d", ymd.day, ymd.month, ymd.year);
	return g_strdup_printf("%d %s %04d", ymd.day, months[ymd.month - 1], ymd.year);
}
