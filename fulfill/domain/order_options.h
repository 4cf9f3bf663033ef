/*
 * order_options.h - the options of an order line: as they are asked for, as they are
 * stored.
 *
 * "start" is an option of its own kind: people write a day, and what a product, a group
 * or a right allows is how many days from today it may be.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/ranges.h"
#include "fulfill/intake/order.h"
#include "queue/day.h"

#define OPTION_START "start"

/* What is asked for, to be held against ranges: numbers, lists of words, and the start as
 * days from `today`.  A start that is no day is an error of the line.  The caller's. */
json_t *order_options_asked(OrderDraft *draft, const OrderLine *line, Day today) MUST_USE;

/* What is stored with the line as JSON text, to be freed with free(): what it says, and
 * of options that it does not mention what `offer` (the effective ranges) falls back to;
 * the start as a day.  NULL: there are none. */
char *order_options_stored(const OrderLine *line, const Ranges *offer) MUST_USE;

/* Puts stored options of another line (JSON text or NULL) on this one, but the start;
 * with `offer` only those that it has. */
void order_options_carry(OrderLine *line, const char *stored, const Ranges *offer);

/* The day on which licences of a line with these stored options begin. */
Day order_options_start(const json_t *stored, Day today);
