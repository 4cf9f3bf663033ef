/*
 * overview.h - a year of months in numbers.
 */
#pragma once

#include "queue/day.h"
#include "queue/db.h"

#define OVERVIEW_MONTHS_BACK 12

typedef enum OverviewRow {
#define ROW(id, de, en, note_de, note_en) OVERVIEW_##id,
#include "fulfill/domain/overview.def"
#undef ROW
	OVERVIEW_ROWS
} OverviewRow;

const char *overview_title(OverviewRow row, const char *language);
const char *overview_note(OverviewRow row, const char *language);

/* The figures of the month (any day of it) and the eleven before, oldest first. */
typedef struct Overview {
	int64_t values[OVERVIEW_ROWS][OVERVIEW_MONTHS_BACK];
} Overview;

bool overview_read(
    Db *db, Day month, GTimeZone *zone, Overview *ret, GError **error) MUST_USE;
