/*
 * card_facts.c - from templates' fields to a card's.
 */
#include "fulfill/work/card_facts.h"

#include <string.h>

#include "print/words.h"

const char *
facts_text(const json_t *facts, const char *object, const char *key)
{
	return json_string_value(json_object_get(json_object_get(facts, object), key));
}

char *
activation_url(const Settings *settings, const char *code)
{
	const char *pattern = settings_text(settings, SET_ACTIVATION_URL);
	const char *hole = strstr(pattern, "{{code}}");

	if (hole == NULL)
		return g_strconcat(pattern, code, NULL);
	return g_strdup_printf(
	    "%.*s%s%s", (int)(hole - pattern), pattern, code, hole + strlen("{{code}}"));
}

/* Words that a card must carry whatever else stands on it. */
static const char *
banner_of(const char *kind, const char *language)
{
	if (g_strcmp0(kind, "nfr") == 0)
		return word(language, WORD_NFR);
	return g_strcmp0(kind, "demo") == 0 ? word(language, WORD_DEMO) : NULL;
}

CardData
card_from_facts(Logos *logos, const json_t *frame, const json_t *facts, const char *code,
    const char *qr_text, const Qr *qr, const char *language)
{
	return (CardData){
		.brand = facts_text(frame, "brand", "name"),
		.logo = logos_find(logos, frame),
		.web = facts_text(frame, "brand", "url"),
		.email = facts_text(frame, "brand", "email"),
		.product = facts_text(facts, "product", "name"),
		.holder = facts_text(facts, "holder", "name"),
		.company = facts_text(facts, "holder", "company"),
		.code = code,
		.qr_text = qr_text,
		.serial = facts_text(facts, "ticket", "serial"),
		.valid = facts_text(facts, "ticket", "last_day"),
		.banner = banner_of(facts_text(facts, "product", "kind"), language),
		.language = language,
		.qr = qr,
	};
}
