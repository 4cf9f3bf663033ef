/*
 * rrule_private.h - a rule taken apart; for rrule.c and rrule_parse.c only.
 */
#pragma once

#include "fulfill/domain/rrule.h"

typedef enum RuleFreq {
	RULE_DAILY,
	RULE_WEEKLY,
	RULE_MONTHLY,
	RULE_YEARLY,
} RuleFreq;

typedef enum UntilForm {
	UNTIL_NONE,
	UNTIL_DAY,   /* 20271231 */
	UNTIL_LOCAL, /* 20271231T120000 */
	UNTIL_UTC,   /* 20271231T120000Z */
} UntilForm;

/* 1MO is { 1, 1 }, -1FR is { -1, 5 }, SU is { 0, 7 }. */
typedef struct NthWeekday {
	int n;
	int weekday;
} NthWeekday;

struct Rule {
	RuleFreq freq;
	int interval; /* from 1 */
	int count;    /* 0: without end */
	UntilForm until_form;
	Day until_day; /* DAY_MAX: without end */
	int until_s;
	int week_start; /* WKST: 1 Monday to 7 Sunday */
	int months;     /* bits 1 to 12; 0: any */
	bool bends;     /* the last day stands in for those a month does not have */
	/* Of int, empty: any.  Negative numbers count from the end. */
	GArray *month_days;
	GArray *year_days;
	GArray *week_numbers;
	GArray *places; /* BYSETPOS */
	/* Of NthWeekday, empty: any. */
	GArray *weekdays;
};

/* Without parts: every day. */
Rule *rule_new(void);
Rule *rule_copy(const Rule *rule);
