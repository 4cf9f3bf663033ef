/*
 * smtp_wire.c - libcurl as a maker of connections.
 *
 * Passwords pass through libcurl's debug callback on their way out; on_debug() looks at
 * the command word only and keeps nothing.
 */
#include "mailer/smtp_wire.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "queue/fault.h"

struct SmtpWires {
	CURLM *multi;
	char *url;
	SmtpTls tls;
	char *user;
	char *password;
	char *ca_file;
	bool no_verify;
	long connect_timeout_ms;
	int n_connecting;
	struct curl_waitfd *fds;
	size_t n_fds;
};

/* ---- what libcurl tells while it connects ---- */

static size_t
on_header(char *bytes, size_t size, size_t n, void *user)
{
	SmtpWire *wire = user;
	size_t length = size * n;
	size_t used = 0;
	char line[128] = "";

	if (wire->phase == MAIL_PHASE_CONNECT)
		wire->phase = MAIL_PHASE_BANNER;
	if (wire->reply.complete)
		reply_init(&wire->reply);
	(void)reply_feed(&wire->reply, bytes, length, &used);
	if (wire->phase == MAIL_PHASE_EHLO && length > 4) {
		/* libcurl's bytes end nowhere. */
		memcpy(line, bytes + 4, MIN(length - 4, sizeof(line) - 1));
		smtp_offers_read(&wire->offers, line);
	}
	return length;
}

/* The command that is sent says how far the connection is. */
static int
on_debug(CURL *easy, curl_infotype type, char *bytes, size_t length, void *user)
{
	static const struct {
		const char *command;
		MailPhase phase;
	} commands[] = {
		{ "EHLO", MAIL_PHASE_EHLO },
		{ "HELO", MAIL_PHASE_EHLO },
		{ "STARTTLS", MAIL_PHASE_TLS },
		{ "AUTH", MAIL_PHASE_AUTH },
	};
	SmtpWire *wire = user;

	(void)easy;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		size_t n = strlen(commands[i].command);

		if (length < n || memcmp(bytes, commands[i].command, n) != 0)
			continue;
		wire->phase = commands[i].phase;
		/* What was offered before STARTTLS counts no more (RFC 3207 4.2). */
		if (wire->phase == MAIL_PHASE_EHLO)
			wire->offers = (SmtpOffers){ 0 };
		if (wire->phase == MAIL_PHASE_TLS)
			wire->tls = true;
	}
	return 0;
}

/* ---- one wire ---- */

#define SET(easy, option, value)                                                         \
	do {                                                                             \
		if (curl_easy_setopt(easy, option, value) != CURLE_OK)                   \
			return false;                                                    \
	} while (0)

static bool
set_options(SmtpWire *wire)
{
	static const long use_ssl[] = {
		[SMTP_TLS_OFF] = CURLUSESSL_NONE,
		[SMTP_TLS_OPTIONAL] = CURLUSESSL_TRY,
		[SMTP_TLS_REQUIRED] = CURLUSESSL_ALL,
		[SMTP_TLS_WRAPPED] = CURLUSESSL_ALL,
	};
	const SmtpWires *wires = wire->wires;
	CURL *easy = wire->easy;

	SET(easy, CURLOPT_URL, wires->url);
	SET(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(easy, CURLOPT_CONNECT_ONLY, 1L);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	SET(easy, CURLOPT_PROXY, ""); /* never from the environment */
	SET(easy, CURLOPT_USE_SSL, use_ssl[wires->tls]);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(easy, CURLOPT_SSL_VERIFYPEER, wires->no_verify ? 0L : 1L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, wires->no_verify ? 0L : 2L);
	if (wires->ca_file != NULL)
		SET(easy, CURLOPT_CAINFO, wires->ca_file);
	if (wires->user != NULL) {
		SET(easy, CURLOPT_USERNAME, wires->user);
		SET(easy, CURLOPT_PASSWORD, wires->password);
	}
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, wires->connect_timeout_ms);
	SET(easy, CURLOPT_HEADERFUNCTION, on_header);
	SET(easy, CURLOPT_HEADERDATA, wire);
	SET(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	SET(easy, CURLOPT_DEBUGDATA, wire);
	SET(easy, CURLOPT_VERBOSE, 1L);
	SET(easy, CURLOPT_ERRORBUFFER, wire->why);
	SET(easy, CURLOPT_PRIVATE, wire);
	return true;
}

void
smtp_wire_init(SmtpWire *wire, SmtpWires *wires, void *user)
{
	G_STATIC_ASSERT(sizeof(wire->why) >= CURL_ERROR_SIZE);
	*wire = (SmtpWire){ .wires = wires, .user = user, .fd = -1 };
}

void
smtp_wire_done(SmtpWire *wire)
{
	if (wire->wires == NULL)
		return;
	smtp_wire_hang_up(wire);
	if (wire->easy != NULL)
		curl_easy_cleanup(wire->easy);
	wire->easy = NULL;
}

bool
smtp_wire_connect(SmtpWire *wire)
{
	wire->phase = MAIL_PHASE_CONNECT;
	wire->offers = (SmtpOffers){ 0 };
	wire->tls = wire->wires->tls == SMTP_TLS_WRAPPED;
	reply_init(&wire->reply);
	if (wire->easy == NULL) {
		wire->easy = curl_easy_init();
		if (wire->easy == NULL || !set_options(wire)) {
			g_strlcpy(wire->why, "libcurl lacks a needed option",
			    sizeof(wire->why));
			return false;
		}
	}
	wire->why[0] = '\0';
	FAULT("smtp.connect");
	if (FAULT_FAIL("smtp.connect") ||
	    curl_multi_add_handle(wire->wires->multi, wire->easy) != CURLM_OK) {
		g_strlcpy(wire->why, "libcurl opens no connection", sizeof(wire->why));
		return false;
	}
	wire->connecting = true;
	wire->wires->n_connecting++;
	return true;
}

/* Connected, encrypted if that comes first, and not a word from the server yet? */
static void
note_phase(SmtpWire *wire)
{
	curl_off_t us = 0;
	CURLINFO what = wire->wires->tls == SMTP_TLS_WRAPPED ? CURLINFO_APPCONNECT_TIME_T
							     : CURLINFO_CONNECT_TIME_T;

	if (wire->phase == MAIL_PHASE_CONNECT &&
	    curl_easy_getinfo(wire->easy, what, &us) == CURLE_OK && us > 0)
		wire->phase = MAIL_PHASE_BANNER;
}

void
smtp_wire_hang_up(SmtpWire *wire)
{
	if (!wire->connecting && !wire->connected)
		return;
	if (wire->connecting) {
		note_phase(wire);
		wire->wires->n_connecting--;
	}
	wire->connecting = false;
	wire->connected = false;
	wire->fd = -1;
	/* A CONNECT_ONLY connection is closed when its handle leaves, and never gets a
	 * QUIT that libcurl would wait for. */
	(void)curl_multi_remove_handle(wire->wires->multi, wire->easy);
}

/* libcurl's words, and better ones where it has none that help an operator. */
static void
explain(SmtpWire *wire, CURLcode rc)
{
	const char *better = NULL;

	if (rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR || rc == CURLE_OK)
		better = "the server closed the connection";
	else if (rc == CURLE_USE_SSL_FAILED)
		better = "the server offers no STARTTLS";
	else if (wire->why[0] == '\0')
		better = curl_easy_strerror(rc);
	if (better != NULL)
		g_strlcpy(wire->why, better, sizeof(wire->why));
}

/* Has connecting ended well? */
static void
finish_connecting(SmtpWire *wire, CURLcode rc)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (rc == CURLE_OK &&
	    curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
	    fd != CURL_SOCKET_BAD) {
		wire->connecting = false;
		wire->wires->n_connecting--;
		wire->connected = true;
		wire->fd = fd;
		return;
	}
	explain(wire, rc);
	smtp_wire_hang_up(wire);
}

WireIo
smtp_wire_send(SmtpWire *wire, const void *bytes, size_t length, size_t *ret_sent)
{
	CURLcode rc = CURLE_SEND_ERROR;

	if (!FAULT_FAIL("smtp.send"))
		rc = curl_easy_send(wire->easy, bytes, length, ret_sent);
	return rc == CURLE_OK ? WIRE_OK : rc == CURLE_AGAIN ? WIRE_AGAIN : WIRE_BROKEN;
}

WireIo
smtp_wire_receive(SmtpWire *wire, void *bytes, size_t size, size_t *ret_length)
{
	CURLcode rc = CURLE_RECV_ERROR;

	if (!FAULT_FAIL("smtp.receive"))
		rc = curl_easy_recv(wire->easy, bytes, size, ret_length);
	if (rc == CURLE_OK)
		return *ret_length > 0 ? WIRE_OK : WIRE_CLOSED;
	return rc == CURLE_AGAIN ? WIRE_AGAIN : WIRE_BROKEN;
}

/* ---- all wires ---- */

SmtpWires *
smtp_wires_open(const SmtpWireOptions *options, GError **error)
{
	const SmtpUrl *url = options->url;
	bool v6 = strchr(url->host, ':') != NULL;
	SmtpWires *wires = NULL;

	/* libcurl would only say so at the first handshake. */
	if (options->ca_file != NULL && access(options->ca_file, R_OK) < 0) {
		(void)err_set(error, TP_ERROR_CONFIG, "cannot read CA file '%s': %s",
		    options->ca_file, g_strerror(errno));
		return NULL;
	}
	/* Counts its callers, so other users of libcurl do not mind. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)err_set(error, TP_ERROR_IO, "libcurl does not start");
		return NULL;
	}
	wires = g_new0(SmtpWires, 1);
	wires->multi = curl_multi_init();
	/* libcurl takes the EHLO name from the path. */
	wires->url = g_strdup_printf("%s://%s%s%s:%d/%s",
	    url->tls == SMTP_TLS_WRAPPED ? "smtps" : "smtp", v6 ? "[" : "", url->host,
	    v6 ? "]" : "", url->port, options->hello);
	wires->tls = url->tls;
	wires->user = g_strdup(options->user);
	wires->password = g_strdup(options->password);
	wires->ca_file = g_strdup(options->ca_file);
	wires->no_verify = options->no_verify;
	wires->connect_timeout_ms = options->connect_timeout_ms;
	if (wires->multi == NULL) {
		smtp_wires_close(wires);
		(void)err_set(error, TP_ERROR_IO, "libcurl does not start");
		return NULL;
	}
	return wires;
}

void
smtp_wires_close(SmtpWires *wires)
{
	if (wires == NULL)
		return;
	if (wires->multi != NULL)
		(void)curl_multi_cleanup(wires->multi);
	if (wires->password != NULL)
		explicit_bzero(wires->password, strlen(wires->password));
	g_free(wires->password);
	g_free(wires->user);
	g_free(wires->ca_file);
	g_free(wires->url);
	g_free(wires->fds);
	g_free(wires);
	curl_global_cleanup();
}

SmtpWire *
smtp_wires_next(SmtpWires *wires)
{
	CURLMsg *message = NULL;
	int n = 0;

	if (wires->n_connecting == 0)
		return NULL;
	(void)curl_multi_perform(wires->multi, &n);
	while ((message = curl_multi_info_read(wires->multi, &n)) != NULL) {
		char *private = NULL;
		SmtpWire *wire = NULL;
		CURLcode rc = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		wire = (SmtpWire *)(void *)private;
		finish_connecting(wire, rc);
		return wire;
	}
	return NULL;
}

bool
smtp_wires_wait(
    SmtpWires *wires, WireWait *waits, size_t n, int timeout_ms, GError **error)
{
	CURLMcode rc = CURLM_OK;

	if (n > wires->n_fds) {
		wires->fds = g_renew(struct curl_waitfd, wires->fds, n);
		wires->n_fds = n;
	}
	for (size_t i = 0; i < n; i++) {
		wires->fds[i] = (struct curl_waitfd){
			.fd = waits[i].wire->fd,
			.events = (short)(CURL_WAIT_POLLIN |
					  (waits[i].for_write ? CURL_WAIT_POLLOUT : 0)),
		};
	}
	rc = curl_multi_poll(wires->multi, wires->fds, (unsigned int)n, timeout_ms, NULL);
	if (rc != CURLM_OK)
		return err_set(error, TP_ERROR_IO, "cannot wait for connections: %s",
		    curl_multi_strerror(rc));
	for (size_t i = 0; i < n; i++) {
		short events = wires->fds[i].revents;

		waits[i].ready = events != 0;
		waits[i].readable = (events & ~CURL_WAIT_POLLOUT) != 0;
	}
	return true;
}

void
smtp_wires_wakeup(SmtpWires *wires)
{
	(void)curl_multi_wakeup(wires->multi);
}
