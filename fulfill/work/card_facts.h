/*
 * card_facts.h - facts of a ticket become a card; the same for mails and for sheets.
 */
#pragma once

#include <jansson.h>

#include "fulfill/work/logos.h"
#include "fulfill/work/settings.h"
#include "print/card.h"

/* A text within an object of the facts; borrowed, NULL when it is not there. */
const char *facts_text(const json_t *facts, const char *object, const char *key);

/* The activation address: {{code}} replaced, once.  To be freed. */
char *activation_url(const Settings *settings, const char *code);

/* `frame` has the brand, `facts` the ticket; everything is borrowed.  `qr` may be NULL.
 * The brand's picture must be here: logos_need(). */
CardData card_from_facts(Logos *logos, const json_t *frame, const json_t *facts,
    const char *code, const char *qr_text, const Qr *qr, const char *language);
