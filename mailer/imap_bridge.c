/*
 * imap_bridge.c - a mailstream driver of libetpan over curl_easy_send() and
 * curl_easy_recv().
 */
#include "mailer/imap_bridge.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "mailer/imap_guard.h"
#include "queue/clock.h"
#include "queue/limits.h"

/* What the server said to libcurl is over; libetpan begins where one is logged in. */
#define GREETING "* PREAUTH ready\r\n"

struct ImapBridge {
	CURL *curl;
	curl_socket_t fd;
	int timeout_ms;
	int64_t command_until_us; /* a server that drips does not get for ever */
	const char *greeting;     /* what of it is left to read */
	uint8_t ahead[512];       /* read by imap_bridge_wait() */
	size_t ahead_length;
	ImapGuard guard;
	const char *why;
	mailstream *stream; /* until it was handed over */
};

static ssize_t
fail(ImapBridge *bridge, const char *why)
{
	if (bridge->why == NULL)
		bridge->why = why;
	return -1;
}

/* Waits for the socket; false: time is up. */
static bool
wait_for(ImapBridge *bridge, short events)
{
	for (;;) {
		int64_t left_us = bridge->command_until_us - clock_monotonic_us();
		struct pollfd wait = { .fd = bridge->fd, .events = events };
		int n;

		if (left_us <= 0)
			return false;
		n = poll(&wait, 1, (int)MIN(left_us / 1000 + 1, bridge->timeout_ms));
		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

/* Bytes that came, past the guard.  0: none yet; -1: never again. */
static ssize_t
receive(ImapBridge *bridge, void *buffer, size_t size)
{
	size_t n = 0;
	CURLcode rc = curl_easy_recv(bridge->curl, buffer, size, &n);
	const char *why;

	if (rc == CURLE_AGAIN)
		return 0;
	if (rc != CURLE_OK)
		return fail(bridge, "the connection broke off");
	/* libetpan takes a 0 for "not yet", and asks again for ever. */
	if (n == 0)
		return fail(bridge, "the server closed the connection");
	why = imap_guard_feed(&bridge->guard, buffer, n);
	return why != NULL ? fail(bridge, why) : (ssize_t)n;
}

static ssize_t
take(const void *from, size_t have, void *to, size_t size)
{
	size_t n = MIN(have, size);

	memcpy(to, from, n);
	return (ssize_t)n;
}

static ssize_t
low_read(mailstream_low *low, void *buffer, size_t size)
{
	ImapBridge *bridge = low->data;
	ssize_t n;

	if (*bridge->greeting != '\0') {
		n = take(bridge->greeting, strlen(bridge->greeting), buffer, size);
		bridge->greeting += n;
		return n;
	}
	if (bridge->ahead_length > 0) {
		n = take(bridge->ahead, bridge->ahead_length, buffer, size);
		bridge->ahead_length -= (size_t)n;
		memmove(bridge->ahead, bridge->ahead + n, bridge->ahead_length);
		return n;
	}
	if (bridge->why != NULL)
		return -1;
	/* First without waiting: TLS may hold decoded bytes that no poll() sees. */
	while ((n = receive(bridge, buffer, size)) == 0)
		if (!wait_for(bridge, POLLIN))
			return fail(bridge, "the server is silent");
	return n;
}

static ssize_t
low_write(mailstream_low *low, const void *buffer, size_t size)
{
	ImapBridge *bridge = low->data;
	size_t n = 0;

	if (bridge->why != NULL)
		return -1;
	for (;;) {
		CURLcode rc = curl_easy_send(bridge->curl, buffer, size, &n);

		if (rc == CURLE_OK)
			return (ssize_t)n;
		if (rc != CURLE_AGAIN)
			return fail(bridge, "the connection broke off");
		if (!wait_for(bridge, POLLOUT))
			return fail(bridge, "the server takes nothing more");
	}
}

static int
low_close(mailstream_low *low)
{
	(void)low; /* imap_bridge_close() does it */
	return 0;
}

static int
low_get_fd(mailstream_low *low)
{
	return ((ImapBridge *)low->data)->fd;
}

static void
low_free(mailstream_low *low)
{
	free(low);
}

static void
low_cancel(mailstream_low *low)
{
	(void)low;
}

static struct mailstream_cancel *
low_get_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *
low_get_certificates(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static int
low_no_idle(mailstream_low *low)
{
	(void)low;
	return -1;
}

static mailstream_low_driver driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_get_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
	.mailstream_get_cancel = low_get_cancel,
	.mailstream_get_certificate_chain = low_get_certificates,
	.mailstream_setup_idle = low_no_idle,
	.mailstream_unsetup_idle = low_no_idle,
	.mailstream_interrupt_idle = low_no_idle,
};

/* ---- connecting ---- */

/* clang-format off */
static const struct {
	CURLcode code;
	TpError error;
} curl_errors[] = {
	{ CURLE_URL_MALFORMAT,           TP_ERROR_CONFIG },
	{ CURLE_UNSUPPORTED_PROTOCOL,    TP_ERROR_CONFIG },
	{ CURLE_PEER_FAILED_VERIFICATION, TP_ERROR_CONFIG },
	{ CURLE_SSL_CACERT_BADFILE,      TP_ERROR_CONFIG },
	{ CURLE_SSL_ISSUER_ERROR,        TP_ERROR_CONFIG },
	{ CURLE_USE_SSL_FAILED,          TP_ERROR_CONFIG },
	{ CURLE_LOGIN_DENIED,            TP_ERROR_DENIED },
	{ CURLE_OPERATION_TIMEDOUT,      TP_ERROR_TIMEOUT },
};
/* clang-format on */

static void
set_options(ImapBridge *bridge, const ImapSettings *settings, char *error_text)
{
	CURL *curl = bridge->curl;

	curl_easy_setopt(curl, CURLOPT_URL, settings->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (settings->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
	if (settings->user != NULL)
		curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
	if (settings->token != NULL) {
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, settings->token);
		curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER");
	} else if (settings->password != NULL) {
		curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
	}
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)bridge->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)bridge->timeout_ms);
	curl_easy_setopt(
	    curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)bridge->timeout_ms / 1000);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text);
}

static bool
connect_error(CURLcode rc, const char *error_text, GError **error)
{
	TpError code = TP_ERROR_IO;

	for (size_t i = 0; i < G_N_ELEMENTS(curl_errors); i++)
		if (curl_errors[i].code == rc)
			code = curl_errors[i].error;
	return err_set(
	    error, code, "%s", *error_text != '\0' ? error_text : curl_easy_strerror(rc));
}

static bool
connect_now(ImapBridge *bridge, const ImapSettings *settings, GError **error)
{
	char error_text[CURL_ERROR_SIZE] = "";
	CURLcode rc;

	set_options(bridge, settings, error_text);
	rc = curl_easy_perform(bridge->curl);
	/* The buffer is ours and ends here. */
	curl_easy_setopt(bridge->curl, CURLOPT_ERRORBUFFER, NULL);
	if (rc != CURLE_OK)
		return connect_error(rc, error_text, error);
	rc = curl_easy_getinfo(bridge->curl, CURLINFO_ACTIVESOCKET, &bridge->fd);
	if (rc != CURLE_OK || bridge->fd == CURL_SOCKET_BAD)
		return err_set(error, TP_ERROR_IO, "the connection has no socket");
	return true;
}

ImapBridge *
imap_bridge_open(const ImapSettings *settings, GError **error)
{
	static gsize once;
	ImapBridge *bridge;
	mailstream_low *low;

	if (g_once_init_enter(&once)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&once, 1);
	}
	bridge = g_new0(ImapBridge, 1);
	bridge->fd = CURL_SOCKET_BAD;
	bridge->timeout_ms = (settings->timeout_s > 0 ? settings->timeout_s : 60) * 1000;
	bridge->greeting = GREETING;
	bridge->curl = curl_easy_init();
	imap_guard_init(&bridge->guard);
	if (bridge->curl == NULL || !connect_now(bridge, settings, error)) {
		if (bridge->curl == NULL)
			err_set(error, TP_ERROR_IO, "libcurl cannot be started");
		imap_bridge_close(bridge);
		return NULL;
	}
	/* libetpan frees with free(). */
	low = mailstream_low_new(bridge, &driver);
	bridge->stream = low == NULL ? NULL : mailstream_new(low, 8192);
	if (bridge->stream == NULL) {
		if (low != NULL)
			mailstream_low_free(low);
		imap_bridge_close(bridge);
		err_set(error, TP_ERROR_IO, "libetpan has no memory");
		return NULL;
	}
	imap_bridge_command(bridge);
	return bridge;
}

void
imap_bridge_close(ImapBridge *bridge)
{
	if (bridge == NULL)
		return;
	if (bridge->stream != NULL)
		mailstream_close(bridge->stream);
	curl_easy_cleanup(bridge->curl);
	g_free(bridge);
}

mailstream *
imap_bridge_stream(ImapBridge *bridge)
{
	return g_steal_pointer(&bridge->stream);
}

void
imap_bridge_command(ImapBridge *bridge)
{
	imap_guard_command(&bridge->guard);
	bridge->command_until_us = clock_monotonic_us() + LIMIT_IMAP_COMMAND_S * US_PER_S;
}

const char *
imap_bridge_why(const ImapBridge *bridge)
{
	return bridge->why;
}

int
imap_bridge_wait(ImapBridge *bridge, int wake_fd, int timeout_ms)
{
	int64_t until_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;

	for (;;) {
		struct pollfd wait[2] = { { .fd = bridge->fd, .events = POLLIN },
			{ .fd = wake_fd, .events = POLLIN } };
		int64_t left_us = until_us - clock_monotonic_us();
		ssize_t n;

		if (bridge->ahead_length > 0)
			return 1;
		n = receive(bridge, bridge->ahead, sizeof(bridge->ahead));
		if (n != 0) {
			bridge->ahead_length = n > 0 ? (size_t)n : 0;
			return n > 0 ? 1 : -1;
		}
		if (left_us <= 0)
			return 0;
		if (poll(wait, wake_fd < 0 ? 1 : 2, (int)(left_us / 1000) + 1) < 0 &&
		    errno != EINTR)
			return (int)fail(bridge, "poll() failed");
		if (wake_fd >= 0 && wait[1].revents != 0)
			return 0;
	}
}
