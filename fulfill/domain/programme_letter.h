/*
 * programme_letter.h - what employees and the owner are told about plans.
 */
#pragma once

#include "fulfill/domain/programme_plan.h"

typedef enum PlanEvent { PLAN_RENEWED, PLAN_SHORTENED, PLAN_ENDED } PlanEvent;

/* At most one letter for an event, its term and last day.  `due_at` 0: it leaves at once.
 * 1: planned.  0: it was, before. */
int programme_letter(DbTx *tx, const IssueContext *issue, const Plan *plan,
    const ProgrammePerson *person, PlanEvent event, int64_t due_at,
    GError **error) MUST_USE;

/* One line of the report to the owner, appended to `list`. */
bool programme_removed(DbTx *tx, json_t *list, const Plan *plan,
    const ProgrammePerson *person, const char *what, GError **error) MUST_USE;

/* The report, when `list` is not empty; `key` tells it from others. */
bool programme_report(DbTx *tx, const IssueContext *issue, const char *owner,
    const char *language, json_t *list, const char *key, GError **error) MUST_USE;
