/*
 * smtp_url.h - where the relay is and how its connection is protected.
 *
 *   smtp://[USER@]HOST[:PORT][?starttls=required|optional|off]
 *   smtps://[USER@]HOST[:PORT]
 *
 * The rules that keep mail and passwords from going out in the clear are here:
 *   - starttls is required unless the host is loopback;
 *   - a login needs TLS: smtps or starttls=required, unless the host is loopback;
 *   - a password in the URL is refused, because URLs end up in logs and in `ps`.
 */
#pragma once

#include "queue/err.h"

typedef enum SmtpTls {
	SMTP_TLS_OFF,
	SMTP_TLS_OPTIONAL, /* STARTTLS when offered */
	SMTP_TLS_REQUIRED, /* STARTTLS or nothing */
	SMTP_TLS_WRAPPED,  /* from the first byte */
} SmtpTls;

typedef struct SmtpUrl {
	char *host; /* without brackets */
	int port;
	char *user; /* or NULL */
	SmtpTls tls;
} SmtpUrl;

/* CONFIG with the reason when it is not such a URL.  `with_login`: a user comes from
 * elsewhere. */
SmtpUrl *smtp_url_parse(const char *text, bool with_login, GError **error) MUST_USE;
void smtp_url_free(SmtpUrl *url);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpUrl, smtp_url_free)

/* Is `host` this machine by name or number? */
bool smtp_url_is_loopback(const char *host);
