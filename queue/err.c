/*
 * err.c - the table of error codes.
 */
#include "queue/err.h"

#include <errno.h>
#include <stdarg.h>
#include <sysexits.h>

G_DEFINE_QUARK(ticketpost - error - quark, tp_error)

/* clang-format off */
static const struct {
	const char *name;
	int exit_code;
} codes[] = {
	[TP_ERROR_INVALID]   = { "invalid",   EX_DATAERR },
	[TP_ERROR_NOT_FOUND] = { "not_found", EX_NOINPUT },
	[TP_ERROR_EXISTS]    = { "exists",    EX_DATAERR },
	[TP_ERROR_DENIED]    = { "denied",    EX_NOPERM },
	[TP_ERROR_CONFIG]    = { "config",    EX_CONFIG },
	[TP_ERROR_CONFLICT]  = { "conflict",  EX_TEMPFAIL },
	[TP_ERROR_BUSY]      = { "busy",      EX_TEMPFAIL },
	[TP_ERROR_TIMEOUT]   = { "timeout",   EX_TEMPFAIL },
	[TP_ERROR_IO]        = { "io",        EX_IOERR },
	[TP_ERROR_TEMPFAIL]  = { "tempfail",  EX_TEMPFAIL },
	[TP_ERROR_REFUSED]   = { "refused",   EX_UNAVAILABLE },
	[TP_ERROR_UNCERTAIN] = { "uncertain", EX_UNAVAILABLE },
	[TP_ERROR_CANCELLED] = { "cancelled", EX_TEMPFAIL },
};
/* clang-format on */

static void
set_va(GError **error, TpError code, const char *format, va_list args)
{
	if (error == NULL)
		return;
	g_warn_if_fail(*error == NULL);
	*error = g_error_new_valist(TP_ERROR, (int)code, format, args);
}

bool
err_set(GError **error, TpError code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_va(error, code, format, args);
	va_end(args);
	return false;
}

int
err_set_int(GError **error, TpError code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_va(error, code, format, args);
	va_end(args);
	return -1;
}

static TpError
code_from_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return TP_ERROR_NOT_FOUND;
	case EACCES:
	case EPERM:
		return TP_ERROR_DENIED;
	case EAGAIN:
	case EBUSY:
		return TP_ERROR_BUSY;
	case ETIMEDOUT:
		return TP_ERROR_TIMEOUT;
	default:
		return TP_ERROR_IO;
	}
}

bool
err_errno(GError **error, int errnum, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return err_set(
	    error, code_from_errno(errnum), "%s: %s", what, g_strerror(errnum));
}

int
tp_error_exit_code(const GError *error)
{
	if (error == NULL)
		return EX_OK;
	if (error->domain != TP_ERROR || (size_t)error->code >= G_N_ELEMENTS(codes))
		return EX_SOFTWARE;
	return codes[error->code].exit_code;
}

const char *
tp_error_name(const GError *error)
{
	if (error->domain != TP_ERROR || (size_t)error->code >= G_N_ELEMENTS(codes))
		return "io";
	return codes[error->code].name;
}
