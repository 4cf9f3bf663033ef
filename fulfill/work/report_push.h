/*
 * report_push.h - a file of a report goes to a service elsewhere (REST or SOAP), by the
 * same kind of file as licence services: fulfill/issue/connector.h, verb [report].
 *
 * Each file is one call with a key of its own ("statement/2027-04/17/csv") and arrives
 * once: that it is about to leave is written down before it does, and where an answer was
 * lost the service is asked ([probe]), or told again with the same key where it promises
 * that this does nothing twice (repeatable=true).  A file that has neither is refused.
 */
#pragma once

#include <glib.h>

#include "fulfill/work/work.h"

typedef struct ReportFile {
	const char *key; /* of the report: "statement/2027-04/17" */
	const char *report;
	const char *period;
	const char *party; /* code, or NULL */
	int64_t party_id;  /* or 0 */
	const char *name;
	const char *mime;
	const char *format;
	const GString *bytes;
} ReportFile;

/* Is [report] connector set? */
bool report_push_is_on(const Work *work);

/* Does its file open, and can it take reports?  CONFIG. */
bool report_push_check(Work *work, GError **error) MUST_USE;

/* It is there when this returns true, whoever brought it.  TEMPFAIL, UNCERTAIN: again
 * later.  REFUSED, CONFIG, INVALID: a person looks. */
bool report_push(Work *work, const ReportFile *file, GError **error) MUST_USE;
