/*
 * spool.h - files to a printer by IPP (RFC 8011), straight or through CUPS.
 *
 * The address is that of a printer, ipp://HOST[:631]/ipp/print, or of a queue,
 * ipp://HOST/printers/NAME; ipps:// encrypts.  A file is sent once; what an error says
 * about that is its code:
 *
 *   BUSY       not reached, or the printer has no time: nothing has left
 *   REFUSED    the printer said no: it will not print
 *   UNCERTAIN  the file left and no answer came: it may be printed
 *
 * Pages are printed at their size on the medium of that size: media by name,
 * print-scaling=none.
 */
#pragma once

#include "queue/err.h"

typedef struct SpoolWish {
	const char *title; /* the job's name, as the printer shows it */
	const char *media; /* "iso_a4_210x297mm" */
	const char *sides; /* "one-sided" ... */
	int copies;
} SpoolWish;

/* Would the printer take such a job?  Changes nothing.  BUSY, REFUSED (no such medium, no
 * PDF), INVALID (the address). */
bool spool_check(const char *uri, const SpoolWish *wish, GError **error) MUST_USE;

/* Sends a PDF; *ret_job is the printer's number of the job. */
bool spool_send(const char *uri, const SpoolWish *wish, const char *path, char **ret_job,
    GError **error) MUST_USE;

typedef enum SpoolState {
	SPOOL_WAITS,   /* pending, held, in work, or stopped for want of paper */
	SPOOL_PRINTED, /* completed */
	SPOOL_BROKEN,  /* aborted or cancelled: sheets may be out */
	SPOOL_UNKNOWN, /* the printer knows no such job any more */
} SpoolState;

/* What became of a job; *ret_says is for people: "processing, media-empty", to be freed.
 * BUSY: not reached. */
bool spool_look(const char *uri, const char *job, SpoolState *ret_state, char **ret_says,
    GError **error) MUST_USE;
