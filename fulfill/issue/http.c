/*
 * http.c - libcurl, held short.
 */
#include "fulfill/issue/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "queue/fault.h"
#include "queue/limits.h"

struct HttpClient {
	CURL *easy; /* kept, and with it the connection */
	char *base;
	char *ca_file;
	GPtrArray *private;
	int connect_s;
	int total_s;
	size_t most;
	/* of the request that runs */
	GString *body;
	bool too_long;
	char *refused; /* the address that was not connected to */
};

/* ---- addresses ---- */

typedef struct Net {
	int family;
	const char *address;
	int bits;
} Net;

/* IANA's special-purpose registries (RFC 6890 and what was added): everything that is not
 * globally reachable, and multicast. */
/* clang-format off */
static const Net not_public[] = {
	{ AF_INET,  "0.0.0.0",       8 },  /* this network */
	{ AF_INET,  "10.0.0.0",      8 },  /* RFC 1918 */
	{ AF_INET,  "100.64.0.0",   10 },  /* shared, RFC 6598 */
	{ AF_INET,  "127.0.0.0",     8 },  /* this host */
	{ AF_INET,  "169.254.0.0",  16 },  /* this link; cloud metadata */
	{ AF_INET,  "172.16.0.0",   12 },  /* RFC 1918 */
	{ AF_INET,  "192.0.0.0",    24 },  /* IETF protocols */
	{ AF_INET,  "192.0.2.0",    24 },  /* documentation */
	{ AF_INET,  "192.88.99.0",  24 },  /* 6to4 relays, given up */
	{ AF_INET,  "192.168.0.0",  16 },  /* RFC 1918 */
	{ AF_INET,  "198.18.0.0",   15 },  /* benchmarks */
	{ AF_INET,  "198.51.100.0", 24 },  /* documentation */
	{ AF_INET,  "203.0.113.0",  24 },  /* documentation */
	{ AF_INET,  "224.0.0.0",     3 },  /* multicast, reserved, broadcast */
	{ AF_INET6, "::",            96 }, /* unspecified, loopback, old IPv4 clothes */
	{ AF_INET6, "64:ff9b:1::",   48 }, /* local translation */
	{ AF_INET6, "100::",         64 }, /* discard */
	{ AF_INET6, "2001::",        23 }, /* IETF protocols, Teredo */
	{ AF_INET6, "2001:db8::",    32 }, /* documentation */
	{ AF_INET6, "3fff::",        20 }, /* documentation */
	{ AF_INET6, "5f00::",        16 }, /* segment routing */
	{ AF_INET6, "fc00::",         7 }, /* unique local */
	{ AF_INET6, "fe80::",        10 }, /* this link */
	{ AF_INET6, "fec0::",        10 }, /* site, given up */
	{ AF_INET6, "ff00::",         8 }, /* multicast */
};
/* clang-format on */

static bool
within(const Net *net, int family, const unsigned char *bytes)
{
	unsigned char start[16];
	int whole = net->bits / 8;
	int rest = net->bits % 8;

	if (net->family != family || inet_pton(family, net->address, start) != 1)
		return false;
	if (memcmp(start, bytes, (size_t)whole) != 0)
		return false;
	return rest == 0 || (start[whole] >> (8 - rest)) == (bytes[whole] >> (8 - rest));
}

static bool
bytes_are_public(int family, const unsigned char *bytes)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (family == AF_INET6 &&
	    (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0))
		return bytes_are_public(AF_INET, bytes + 12);
	/* 6to4 carries an IPv4 address behind 2002. */
	if (family == AF_INET6 && bytes[0] == 0x20 && bytes[1] == 0x02)
		return bytes_are_public(AF_INET, bytes + 2);
	for (size_t i = 0; i < G_N_ELEMENTS(not_public); i++)
		if (within(&not_public[i], family, bytes))
			return false;
	return true;
}

bool
http_address_is_public(const char *text)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return bytes_are_public(AF_INET, bytes);
	return inet_pton(AF_INET6, text, bytes) == 1 && bytes_are_public(AF_INET6, bytes);
}

static bool
is_named(const HttpClient *client, int family, const unsigned char *bytes)
{
	size_t size = family == AF_INET ? 4 : 16;

	for (guint i = 0; i < client->private->len; i++) {
		unsigned char named[16];

		if (inet_pton(family, g_ptr_array_index(client->private, i), named) ==
			1 &&
		    memcmp(named, bytes, size) == 0)
			return true;
	}
	return false;
}

/* Asked for each address before it is connected to: names that resolve to something else
 * a moment later do not help anybody. */
static curl_socket_t
on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	HttpClient *client = user;
	const unsigned char *bytes = NULL;
	char text[INET6_ADDRSTRLEN] = "?";

	(void)purpose;
	if (address->family == AF_INET)
		bytes = (const unsigned char *)&(
		    (const struct sockaddr_in *)(const void *)&address->addr)
			    ->sin_addr;
	else if (address->family == AF_INET6)
		bytes = (const unsigned char *)&(
		    (const struct sockaddr_in6 *)(const void *)&address->addr)
			    ->sin6_addr;
	if (bytes != NULL && (bytes_are_public(address->family, bytes) ||
				 is_named(client, address->family, bytes)))
		return socket(
		    address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (bytes != NULL)
		inet_ntop(address->family, bytes, text, sizeof(text));
	g_free(client->refused);
	client->refused = g_strdup(text);
	return CURL_SOCKET_BAD;
}

/* ---- a client ---- */

static bool
check_base(const char *base, GError **error)
{
	CURLU *url = curl_url();
	char *scheme = NULL;
	char *user = NULL;
	char *query = NULL;
	char *fragment = NULL;
	bool ok = curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
		  curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  strcmp(scheme, "https") == 0 &&
		  curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK &&
		  curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK &&
		  curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK;

	curl_free(scheme);
	curl_free(user);
	curl_free(query);
	curl_free(fragment);
	curl_url_cleanup(url);
	return ok || err_set(error, TP_ERROR_CONFIG,
			 "'%s' is not an https address without user and query", base);
}

static bool
take_private(HttpClient *client, const char *const *list, GError **error)
{
	unsigned char bytes[16];

	for (; list != NULL && *list != NULL; list++) {
		if (inet_pton(AF_INET, *list, bytes) != 1 &&
		    inet_pton(AF_INET6, *list, bytes) != 1)
			return err_set(
			    error, TP_ERROR_CONFIG, "'%s' is not an IP address", *list);
		g_ptr_array_add(client->private, g_strdup(*list));
	}
	return true;
}

HttpClient *
http_client_new(const HttpRules *rules, GError **error)
{
	g_autoptr(HttpClient) client = NULL;
	size_t length = strlen(rules->base);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(error, TP_ERROR_IO, "libcurl cannot be started");
		return NULL;
	}
	client = g_new0(HttpClient, 1);
	client->private = g_ptr_array_new_with_free_func(g_free);
	while (length > 0 && rules->base[length - 1] == '/')
		length--;
	client->base = g_strndup(rules->base, length);
	client->ca_file = g_strdup(rules->ca_file);
	client->connect_s = rules->connect_s;
	client->total_s = rules->total_s;
	client->most = MIN(rules->most, LIMIT_HTTP_ANSWER_BYTES);
	if (!check_base(client->base, error) ||
	    !take_private(client, rules->private, error))
		return NULL;
	client->easy = curl_easy_init();
	if (client->easy == NULL) {
		err_set(error, TP_ERROR_IO, "libcurl has no handle");
		return NULL;
	}
	return g_steal_pointer(&client);
}

void
http_client_free(HttpClient *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->easy);
	g_free(client->base);
	g_free(client->ca_file);
	g_ptr_array_unref(client->private);
	g_free(client->refused);
	g_free(client);
	curl_global_cleanup();
}

void
http_answer_clear(HttpAnswer *answer)
{
	if (answer->body != NULL)
		g_string_free(answer->body, TRUE);
	answer->body = NULL;
	g_clear_pointer(&answer->why, g_free);
}

/* ---- a request ---- */

static size_t
on_body(char *bytes, size_t size, size_t n, void *user)
{
	HttpClient *client = user;

	if (client->body->len + size * n > client->most) {
		client->too_long = true;
		return 0;
	}
	g_string_append_len(client->body, bytes, (gssize)(size * n));
	return size * n;
}

static bool
has_control(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return true;
	return false;
}

static bool
check_request(const HttpRequest *request, GError **error)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE",
		NULL };

	if (!g_strv_contains(methods, request->method))
		return err_set(error, TP_ERROR_INVALID, "'%s' is not a method we use",
		    request->method);
	/* The host ends where the path begins; "//" and "@" behind it are harmless, a
	 * blank or a line break is not. */
	if (request->path[0] != '/' || has_control(request->path) ||
	    strpbrk(request->path, " \\#") != NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "the path must begin with '/', and be escaped");
	for (const char *const *h = request->headers; h != NULL && *h != NULL; h++)
		if (has_control(*h) || strchr(*h, ':') == NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "a header is not one line of 'Name: value'");
	return true;
}

#define SET(option, value)                                                               \
	do {                                                                             \
		if (curl_easy_setopt(client->easy, option, value) != CURLE_OK)           \
			return false;                                                    \
	} while (0)

static bool
set_options(HttpClient *client, const HttpRequest *request, const char *url,
    struct curl_slist *headers)
{
	curl_easy_reset(client->easy);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (client->ca_file != NULL)
		SET(CURLOPT_CAINFO, client->ca_file);
	SET(CURLOPT_CONNECTTIMEOUT, (long)client->connect_s);
	SET(CURLOPT_TIMEOUT, (long)client->total_s);
	/* A connection that was kept and died shows only after the request left: with a
	 * fresh one the line between "not sent" and "lost" is sharp. */
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, client);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, client);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body != NULL) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
		SET(CURLOPT_POSTFIELDS, request->body);
	}
	return true;
}

/* Did any byte of the request leave?  Then the server may have acted. */
static bool
has_left(HttpClient *client)
{
	long sent = 0;
	curl_off_t started = 0;

	curl_easy_getinfo(client->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(client->easy, CURLINFO_PRETRANSFER_TIME_T, &started);
	return sent > 0 || started > 0;
}

static void
judge(HttpClient *client, CURLcode code, HttpAnswer *ret)
{
	if (code == CURLE_OK) {
		curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &ret->status);
		ret->outcome = HTTP_ANSWERED;
		return;
	}
	ret->outcome = has_left(client) ? HTTP_LOST : HTTP_NOT_SENT;
	if (client->refused != NULL)
		ret->why = g_strdup_printf(
		    "%s is not a public address and is not named", client->refused);
	else if (client->too_long)
		ret->why = g_strdup_printf(
		    "the answer is longer than %" G_GSIZE_FORMAT " bytes", client->most);
	else
		ret->why = g_strdup(curl_easy_strerror(code));
}

bool
http_send(HttpClient *client, const HttpRequest *request, HttpAnswer *ret, GError **error)
{
	g_autofree char *url = NULL;
	struct curl_slist *headers = NULL;
	bool ready;

	*ret = (HttpAnswer){ 0 };
	if (!check_request(request, error))
		return false;
	url = g_strconcat(client->base, request->path, NULL);
	/* No 100-continue: it would be an answer before the answer. */
	headers = curl_slist_append(NULL, "Expect:");
	for (const char *const *h = request->headers; h != NULL && *h != NULL; h++)
		headers = curl_slist_append(headers, *h);
	client->body = ret->body = g_string_new("");
	client->too_long = false;
	g_clear_pointer(&client->refused, g_free);
	ready = set_options(client, request, url, headers);
	if (ready) {
		FAULT("http.send");
		judge(client, curl_easy_perform(client->easy), ret);
		FAULT("http.answered");
	}
	client->body = NULL;
	curl_slist_free_all(headers);
	return ready || err_set(error, TP_ERROR_IO, "libcurl refuses an option");
}
