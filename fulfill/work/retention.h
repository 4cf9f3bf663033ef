/*
 * retention.h - what is kept no longer goes by itself: retain.def with the settings of
 * section [privacy], and files by their age.
 */
#pragma once

#include <jansson.h>

#include "fulfill/work/work.h"

/* Does everything that is due (or, with `dry_run`, only counts it).  *ret_rules is a list
 * of {"rule", "what", "keep", "n"}. */
bool retention_run(Work *work, bool dry_run, json_t **ret_rules, GError **error) MUST_USE;

/* A chore: one slice of whichever rule has something to do. */
bool chore_retention(Work *work, bool *ret_more, GError **error);
