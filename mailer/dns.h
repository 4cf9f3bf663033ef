/*
 * dns.h - ask the domain name system, for `ticketpost doctor`.
 *
 * Nothing that leaves or comes in depends on an answer: libcurl resolves the relay by
 * itself, and our border server judges senders.
 */
#pragma once

#include "queue/err.h"

typedef struct Dns Dns;

typedef enum DnsType {
	DNS_A,    /* "192.0.2.1" */
	DNS_AAAA, /* "2001:db8::1" */
	DNS_MX,   /* "10 mx.example.org" */
	DNS_TXT,  /* the strings of a record, joined */
	DNS_PTR,  /* "mx.example.org"; the name is an address: "192.0.2.1" */
} DnsType;

/* `resolver` is "192.0.2.53" or "192.0.2.53:5353"; NULL: those of the system.  NULL:
 * INVALID, IO. */
Dns *dns_open(const char *resolver, GError **error) MUST_USE;
void dns_close(Dns *dns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dns, dns_close)

/*
 * The records of `name`, at most LIMIT_DNS_RECORDS.  1: *ret (texts, the caller's) has at
 * least one.  0: there is no such name or record.  -1: INVALID (no name), TIMEOUT (nobody
 * answered) or TEMPFAIL (the server cannot say).
 */
int dns_find(
    Dns *dns, DnsType type, const char *name, GPtrArray **ret, GError **error) MUST_USE;
