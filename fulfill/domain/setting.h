/*
 * setting.h - what the store knows of itself: table setting, a word and its value.
 *
 * Not the operator's settings: those are a file, see fulfill/work/settings.h.
 */
#pragma once

#include "queue/db.h"

/* 1: *ret is the caller's.  0: not set. */
int setting_get(Db *db, const char *name, char **ret, GError **error) MUST_USE;
bool setting_put(DbTx *tx, const char *name, const char *value, GError **error) MUST_USE;
