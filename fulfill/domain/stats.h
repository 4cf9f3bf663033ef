/*
 * stats.h - questions about everything at once; reads only.
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"

/* Fills `object` with {CHANNEL: {STATE: n}}. */
bool stats_deliveries(Db *db, json_t *object, GError **error) MUST_USE;
