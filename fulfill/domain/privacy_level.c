/*
 * privacy_level.c - the tables of levels and of the fields they open.
 */
#include "fulfill/domain/privacy_level.h"

#include <string.h>

static const struct {
	const char *name;
	const char *sentence;
} levels[PRIVACY_LEVELS] = {
#define LEVEL(id, name, sentence) { name, sentence },
#define FIELD(field, level, sentence)
#include "fulfill/domain/privacy_level.def"
#undef LEVEL
#undef FIELD
};

static const struct {
	const char *field;
	PrivacyLevel level;
} fields[] = {
#define LEVEL(id, name, sentence)
#define FIELD(field, level, sentence) { field, PRIVACY_##level },
#include "fulfill/domain/privacy_level.def"
#undef LEVEL
#undef FIELD
};

/* clang-format off */
static const struct {
	const char *channel;
	const char *field;	/* without which it reaches nobody */
} channels[] = {
	{ "email", "email" },
	{ "post",  "address" },
};
/* clang-format on */

const char *
privacy_level_name(PrivacyLevel level)
{
	return levels[level].name;
}

const char *
privacy_level_sentence(PrivacyLevel level)
{
	return levels[level].sentence;
}

bool
privacy_level_from_name(const char *name, PrivacyLevel *ret, GError **error)
{
	for (int i = 0; i < PRIVACY_LEVELS; i++)
		if (g_strcmp0(levels[i].name, name) == 0) {
			*ret = (PrivacyLevel)i;
			return true;
		}
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a privacy level",
	    name != NULL ? name : "");
}

PrivacyLevel
privacy_level_needed(const char *field)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i].field, field) == 0)
			return fields[i].level;
	return PRIVACY_PSEUDONYM;
}

PrivacyLevel
privacy_level_of_channel(const char *channel)
{
	for (size_t i = 0; i < G_N_ELEMENTS(channels); i++)
		if (strcmp(channels[i].channel, channel) == 0)
			return privacy_level_needed(channels[i].field);
	return PRIVACY_PSEUDONYM;
}
