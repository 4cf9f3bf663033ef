/*
 * pg_proxy.h - stands between a client and the test's PostgreSQL server and loses a
 * reply.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

typedef struct PgProxy {
	pid_t pid;
	char *folder; /* of its socket */
	char *url;    /* that of the store, through the proxy */
} PgProxy;

/* Passes everything on until the client sends `word`, of `size` bytes; that too it passes
 * on, waits for the server's reply, keeps it, and hangs up.  For one connection. */
void pg_proxy_start(PgProxy *proxy, const char *store_url, const void *word, size_t size);
void pg_proxy_stop(PgProxy *proxy);
