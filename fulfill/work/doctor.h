/*
 * doctor.h - what is wrong with how our mail stands in the world, and what to do about
 * it.
 *
 * Receivers look at SPF, DKIM, DMARC and reverse names before they look at a mail;
 * bounces and orders come home by the MX record, and are fetched from the mailboxes of
 * the settings.  Each check is a row of a table; what a check cannot know (no name server
 * answers, a setting is missing) is "unknown", never "ok".
 */
#pragma once

#include "fulfill/work/work.h"

typedef enum DoctorStatus {
	DOCTOR_OK,
	DOCTOR_WEAK,    /* works, and could be better */
	DOCTOR_WRONG,   /* must be put right */
	DOCTOR_UNKNOWN, /* could not be seen */
} DoctorStatus;

const char *doctor_status_name(DoctorStatus status);

/* One finding; texts are borrowed for the call. */
typedef struct DoctorFinding {
	const char *check; /* "spf", "dkim" */
	const char *about; /* the name that was looked at */
	DoctorStatus status;
	const char *text; /* what was found */
	const char *cure; /* what to do; NULL: nothing */
} DoctorFinding;

/* Does all checks.  `resolver` as for dns_open(). */
bool doctor_run(Work *work, const char *resolver,
    void (*fn)(void *user, const DoctorFinding *finding), void *user,
    GError **error) MUST_USE;
