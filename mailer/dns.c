/*
 * dns.c - the resolver of the C library, with a server of our choice.
 */
#include "mailer/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "queue/limits.h"

#define TIMEOUT_S 3
#define TRIES 2

struct Dns {
	struct __res_state state;
};

static const ns_type types[] = {
	[DNS_A] = ns_t_a,
	[DNS_AAAA] = ns_t_aaaa,
	[DNS_MX] = ns_t_mx,
	[DNS_TXT] = ns_t_txt,
	[DNS_PTR] = ns_t_ptr,
};

static bool
set_server(Dns *dns, const char *text, GError **error)
{
	const char *colon = strchr(text, ':');
	g_autofree char *host =
	    colon != NULL ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);
	int64_t port =
	    colon != NULL ? g_ascii_strtoll(colon + 1, NULL, 10) : NS_DEFAULTPORT;
	struct sockaddr_in server = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, host, &server.sin_addr) != 1 || port < 1 || port > 65535)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is no resolver: 192.0.2.53 or 192.0.2.53:5353", text);
	dns->state.nsaddr_list[0] = server;
	dns->state.nscount = 1;
	return true;
}

Dns *
dns_open(const char *resolver, GError **error)
{
	g_autoptr(Dns) dns = g_new0(Dns, 1);

	if (res_ninit(&dns->state) != 0) {
		err_errno(error, errno, "cannot start the resolver");
		return NULL;
	}
	dns->state.retrans = TIMEOUT_S;
	dns->state.retry = TRIES;
	/* Names are whole: "mx" must not become "mx.of.this.machine". */
	dns->state.options &= ~(unsigned long)(RES_DEFNAMES | RES_DNSRCH);
	if (resolver != NULL && !set_server(dns, resolver, error))
		return NULL;
	return g_steal_pointer(&dns);
}

void
dns_close(Dns *dns)
{
	if (dns == NULL)
		return;
	res_nclose(&dns->state);
	g_free(dns);
}

/* "1.2.0.192.in-addr.arpa", nibbles for IPv6.  NULL: no address. */
static char *
reverse_name(const char *address)
{
	uint8_t bytes[16];
	GString *name;

	if (inet_pton(AF_INET, address, bytes) == 1)
		return g_strdup_printf(
		    "%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2], bytes[1], bytes[0]);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return NULL;
	name = g_string_new(NULL);
	for (int i = 15; i >= 0; i--)
		g_string_append_printf(name, "%x.%x.", bytes[i] & 15, bytes[i] >> 4);
	g_string_append(name, "ip6.arpa");
	return g_string_free(name, FALSE);
}

/* The strings of a TXT record, one after the other (RFC 7208 3.3). */
static char *
txt_text(const ns_rr *record)
{
	const uint8_t *at = ns_rr_rdata(*record);
	const uint8_t *end = at + ns_rr_rdlen(*record);
	g_autoptr(GString) text = g_string_new(NULL);

	while (at < end && at + 1 + *at <= end) {
		g_string_append_len(text, (const char *)at + 1, *at);
		at += 1 + *at;
	}
	return g_utf8_make_valid(text->str, (gssize)text->len);
}

static char *
name_at(const ns_msg *message, const uint8_t *at)
{
	char name[NS_MAXDNAME];

	if (ns_name_uncompress(
		ns_msg_base(*message), ns_msg_end(*message), at, name, sizeof(name)) < 0)
		return NULL;
	return g_ascii_strdown(name, -1);
}

static char *
record_text(const ns_msg *message, const ns_rr *record)
{
	const uint8_t *data = ns_rr_rdata(*record);
	size_t size = ns_rr_rdlen(*record);
	char text[INET6_ADDRSTRLEN];
	g_autofree char *name = NULL;

	switch (ns_rr_type(*record)) {
	case ns_t_a:
		return size == 4 ? g_strdup(inet_ntop(AF_INET, data, text, sizeof(text)))
				 : NULL;
	case ns_t_aaaa:
		return size == 16
			   ? g_strdup(inet_ntop(AF_INET6, data, text, sizeof(text)))
			   : NULL;
	case ns_t_txt:
		return txt_text(record);
	case ns_t_ptr:
		return name_at(message, data);
	case ns_t_mx:
		name = size > 2 ? name_at(message, data + 2) : NULL;
		return name != NULL ? g_strdup_printf("%u %s", ns_get16(data), name)
				    : NULL;
	default:
		return NULL;
	}
}

static GPtrArray *
read_answer(const uint8_t *answer, int length, ns_type type)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	ns_msg message;
	ns_rr record;

	if (ns_initparse(answer, length, &message) != 0)
		return texts;
	for (int i = 0;
	     i < ns_msg_count(message, ns_s_an) && texts->len < LIMIT_DNS_RECORDS; i++) {
		char *text;

		if (ns_parserr(&message, ns_s_an, i, &record) != 0 ||
		    ns_rr_type(record) != type)
			continue;
		text = record_text(&message, &record);
		if (text != NULL)
			g_ptr_array_add(texts, text);
	}
	return texts;
}

int
dns_find(Dns *dns, DnsType type, const char *name, GPtrArray **ret, GError **error)
{
	uint8_t answer[NS_MAXMSG];
	g_autofree char *whole = type == DNS_PTR ? reverse_name(name) : g_strdup(name);
	g_autoptr(GPtrArray) texts = NULL;
	int length;

	if (whole == NULL || *whole == '\0' || strlen(whole) >= NS_MAXDNAME)
		return err_set_int(
		    error, TP_ERROR_INVALID, "'%s' cannot be looked up", name);
	length = res_nquery(
	    &dns->state, whole, ns_c_in, (int)types[type], answer, (int)sizeof(answer));
	if (length < 0 && (dns->state.res_h_errno == HOST_NOT_FOUND ||
			      dns->state.res_h_errno == NO_DATA))
		return 0;
	if (length < 0)
		return err_set_int(error,
		    errno == ETIMEDOUT || errno == ECONNREFUSED ? TP_ERROR_TIMEOUT
								: TP_ERROR_TEMPFAIL,
		    "no name server answers for '%s'", whole);
	texts = read_answer(answer, MIN(length, (int)sizeof(answer)), types[type]);
	if (texts->len == 0)
		return 0;
	*ret = g_steal_pointer(&texts);
	return 1;
}
