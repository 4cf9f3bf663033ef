/*
 * smtp_url.c - take a relay's URL apart.
 */
#include "mailer/smtp_url.h"

#include <arpa/inet.h>
#include <string.h>

static const struct {
	const char *name;
	SmtpTls tls;
} starttls[] = {
	{ "required", SMTP_TLS_REQUIRED },
	{ "optional", SMTP_TLS_OPTIONAL },
	{ "off", SMTP_TLS_OFF },
};

bool
smtp_url_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return g_ascii_strcasecmp(host, "localhost") == 0;
}

static bool
is_host(const char *host)
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, host, &v6) == 1)
		return true;
	for (const char *p = host; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr(".-_", *p) == NULL)
			return false;
	}
	return *host != '\0' && strlen(host) <= 253;
}

/* The only parameter so far. */
static bool
read_query(SmtpUrl *url, const char *query, GError **error)
{
	const char *value = NULL;

	if (!g_str_has_prefix(query, "starttls="))
		return err_set(error, TP_ERROR_CONFIG,
		    "transport has an unknown parameter '%s'", query);
	if (url->tls == SMTP_TLS_WRAPPED)
		return err_set(error, TP_ERROR_CONFIG,
		    "transport 'smtps' has TLS already: 'starttls' does not fit");
	value = query + strlen("starttls=");
	for (size_t i = 0; i < G_N_ELEMENTS(starttls); i++) {
		if (strcmp(value, starttls[i].name) == 0) {
			url->tls = starttls[i].tls;
			return true;
		}
	}
	return err_set(error, TP_ERROR_CONFIG,
	    "transport has starttls='%s', which is none of required, optional, off",
	    value);
}

static bool
read_parts(SmtpUrl *url, GUri *uri, GError **error)
{
	const char *path = g_uri_get_path(uri);
	const char *user = g_uri_get_user(uri);
	bool wrapped = strcmp(g_uri_get_scheme(uri), "smtps") == 0;

	if (!wrapped && strcmp(g_uri_get_scheme(uri), "smtp") != 0)
		return err_set(error, TP_ERROR_CONFIG,
		    "transport '%s' is neither smtp nor smtps", g_uri_get_scheme(uri));
	if (g_uri_get_password(uri) != NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "transport has a password in its URL: put it into the secrets file");
	if (g_uri_get_host(uri) == NULL || !is_host(g_uri_get_host(uri)))
		return err_set(
		    error, TP_ERROR_CONFIG, "transport has no usable host name");
	if ((*path != '\0' && strcmp(path, "/") != 0) || g_uri_get_fragment(uri) != NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "transport has something behind the host that does not belong there");
	url->host = g_strdup(g_uri_get_host(uri));
	url->port = g_uri_get_port(uri);
	if (url->port == -1)
		url->port = wrapped ? 465 : 25;
	if (url->port < 1)
		return err_set(error, TP_ERROR_CONFIG, "transport has port 0");
	if (user != NULL && *user != '\0')
		url->user = g_strdup(user);
	url->tls = wrapped                           ? SMTP_TLS_WRAPPED
		   : smtp_url_is_loopback(url->host) ? SMTP_TLS_OPTIONAL
						     : SMTP_TLS_REQUIRED;
	return g_uri_get_query(uri) == NULL ||
	       read_query(url, g_uri_get_query(uri), error);
}

SmtpUrl *
smtp_url_parse(const char *text, bool with_login, GError **error)
{
	g_autoptr(SmtpUrl) url = g_new0(SmtpUrl, 1);
	g_autoptr(GError) why = NULL;
	GUri *uri = g_uri_parse(text, G_URI_FLAGS_HAS_PASSWORD, &why);
	bool good = false;

	if (uri == NULL) {
		(void)err_set(
		    error, TP_ERROR_CONFIG, "transport is not a URL: %s", why->message);
		return NULL;
	}
	good = read_parts(url, uri, error);
	g_uri_unref(uri);
	if (!good)
		return NULL;
	if ((with_login || url->user != NULL) && url->tls < SMTP_TLS_REQUIRED &&
	    !smtp_url_is_loopback(url->host)) {
		(void)err_set(error, TP_ERROR_CONFIG,
		    "transport would send the password of '%s' in the clear: use "
		    "starttls=required or smtps",
		    url->host);
		return NULL;
	}
	return g_steal_pointer(&url);
}

void
smtp_url_free(SmtpUrl *url)
{
	if (url == NULL)
		return;
	g_free(url->host);
	g_free(url->user);
	g_free(url);
}
