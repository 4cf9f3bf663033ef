/*
 * err.h - what can go wrong, told by what a caller can do about it.
 *
 * Every fallible function takes a GError ** last and is MUST_USE.  Three shapes:
 *
 *   bool            true: did it.           false: error is set.
 *   int  1 / 0 / -1 found, added, next.     none, already there.     -1: error is set.
 *   pointer         owned by the caller.    NULL: error is set.
 *
 * Results come through `ret_*` parameters and are written only on success.
 *
 * Messages: lower case, one line, no full stop; the fact first, the subject in single
 * quotes, numbers with their unit: "cannot open 'x.json': no such file".  Add a fact on
 * the way up with g_prefix_error(); never say the same thing twice, never print a secret.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define MUST_USE G_GNUC_WARN_UNUSED_RESULT
#define PRINTF(fmt, args) G_GNUC_PRINTF(fmt, args)

#define TP_ERROR (tp_error_quark())
GQuark tp_error_quark(void);

typedef enum TpError {
	TP_ERROR_INVALID,   /* the input breaks a rule; the text says which */
	TP_ERROR_NOT_FOUND, /* there is no such thing */
	TP_ERROR_EXISTS,    /* there is one already */
	TP_ERROR_DENIED,    /* rights */
	TP_ERROR_CONFIG,    /* the operator must change a file first */
	TP_ERROR_CONFLICT,  /* somebody else changed it: read again */
	TP_ERROR_BUSY,      /* this side of the wire: try again */
	TP_ERROR_TIMEOUT,   /* likewise */
	TP_ERROR_IO,        /* likewise; the text has the system's reason */
	TP_ERROR_TEMPFAIL,  /* the other side said later: nothing happened */
	TP_ERROR_REFUSED,   /* the other side said no */
	TP_ERROR_UNCERTAIN, /* the request left, the answer did not come: never retry by
			       itself */
	TP_ERROR_CANCELLED, /* shutdown or deadline */
} TpError;

/* Sets *error (when error is not NULL) and returns false, so that `return err_set(...)`
 * reads as one thought. */
bool err_set(GError **error, TpError code, const char *format, ...) PRINTF(3, 4);

/* The same for functions that return 1 / 0 / -1. */
int err_set_int(GError **error, TpError code, const char *format, ...) PRINTF(3, 4);

/* Like err_set(), with ": " and the text of `errnum` (an errno value) at the end. ENOSPC,
 * EDQUOT and EROFS are IO; EACCES and EPERM are DENIED; ENOENT is NOT_FOUND. */
bool err_errno(GError **error, int errnum, const char *format, ...) PRINTF(3, 4);

/* The sysexits code of an error, for the end of a command: see the table in err.c. */
int tp_error_exit_code(const GError *error);

/* The name of the code, "uncertain"; for logs.  Errors of other domains are "io". */
const char *tp_error_name(const GError *error);

/* A broken invariant is our bug: print where, and die so that a lease lapses and another
 * worker takes over. */
#define BUG(...) g_error(__VA_ARGS__)
