/*
 * db_pgsql_link.c - the connection to PostgreSQL: made with deadlines, noticed when it is
 * lost, made again.
 */
#include "queue/db_pgsql_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "queue/clock.h"
#include "queue/db_pgsql_text.h"

#define CONNECT_MS 10000
#define RECONNECT_MS 10000 /* patience with a server that restarts */
#define OLDEST_VERSION 120000

/* What every connection of ours wants; the URL may say otherwise. */
/* clang-format off */
static const char *const keywords[] = {
	"application_name", "client_encoding", "keepalives_idle", "keepalives_interval",
	"keepalives_count", "tcp_user_timeout", "dbname", NULL,
};
static const char *const defaults[] = {
	"ticketpost",       "UTF8",            "30",              "10",
	"3",                "30000",            NULL /* URL */, NULL,
};
/* clang-format on */

/*
 * A lock is waited for as long as SQLite's.  A worker that freezes inside a transaction
 * must not keep its locks, nor hold back vacuum, until somebody looks.
 */
static const char SESSION[] = "SET lock_timeout = '10s';"
			      "SET idle_in_transaction_session_timeout = '60s';"
			      "SET client_min_messages = 'warning';"
			      "SET bytea_output = 'hex'";

bool
pgsql_is_lost(const PgsqlDb *db)
{
	return db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK;
}

/* The server's DETAIL is left out: it holds values, and values are people's. */
bool
pgsql_fail(PgsqlDb *db, const PGresult *result, const char *what, GError **error)
{
	const char *text =
	    result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *state =
	    result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	TpError code = pgsql_is_lost(db) ? TP_ERROR_BUSY : pgsql_error_code(state);

	if (text == NULL)
		text = PQerrorMessage(db->conn);
	return err_set(error, code, "store: %s: %.*s", what, (int)strcspn(text, "\n"),
	    *text != '\0' ? text : "the connection was lost");
}

bool
pgsql_is_ok(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool
pgsql_word(Db *base, const char *sql, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	g_autoptr(PGresult) result = PQexec(db->conn, sql);

	return pgsql_is_ok(result) || pgsql_fail(db, result, sql, error);
}

static void
say_nothing(void *user, const char *text)
{
	(void)user;
	(void)text;
}

/* libpq's own connect has a deadline only for parts of it, and tells the reason of a
 * refusal only in words, which the server may have translated. */
static PGconn *
connect_start(const char *url)
{
	const char *values[G_N_ELEMENTS(defaults)];
	PGconn *conn;

	for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
		values[i] = defaults[i];
	values[G_N_ELEMENTS(defaults) - 2] = url;
	conn = PQconnectStartParams(keywords, values, 1);
	PQsetErrorVerbosity(conn, PQERRORS_SQLSTATE);
	PQsetNoticeProcessor(conn, say_nothing, NULL);
	return conn;
}

static bool
connect_finish(PGconn *conn, int64_t until_us)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (PQstatus(conn) != CONNECTION_BAD && next != PGRES_POLLING_OK) {
		struct pollfd wait = { .fd = PQsocket(conn),
			.events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT };
		int64_t left_us = until_us - clock_monotonic_us();

		if (left_us <= 0)
			return false;
		if (poll(&wait, 1, (int)(left_us / 1000) + 1) < 0 && errno != EINTR)
			return false;
		if (wait.revents != 0)
			next = PQconnectPoll(conn);
	}
	return next == PGRES_POLLING_OK;
}

/* With PQERRORS_SQLSTATE a server's refusal is "FATAL:  3D000"; what libpq finds itself
 * (no server there, no such host) is words. */
static bool
connect_fail(PGconn *conn, GError **error)
{
	static const struct {
		const char *begins;
		const char *text;
	} reasons[] = {
		{ "28", "login refused" },
		{ "3D", "there is no such database" },
		{ "53", "too many connections" },
		{ "57", "the server is starting or stopping" },
	};
	const char *text = PQerrorMessage(conn);
	const char *fatal = strstr(text, "FATAL:  ");
	g_autofree char *state = fatal != NULL ? g_strndup(fatal + 8, 5) : NULL;

	if (state != NULL)
		text = state;
	for (size_t i = 0; state != NULL && i < G_N_ELEMENTS(reasons); i++)
		if (g_str_has_prefix(state, reasons[i].begins))
			text = reasons[i].text;
	return err_set(error, pgsql_error_code(state), "cannot open store '%s': %.*s",
	    PQdb(conn) != NULL ? PQdb(conn) : "postgresql", (int)strcspn(text, "\n"),
	    *text != '\0' ? text : "no reply in time");
}

static bool
check_server(PgsqlDb *db, GError **error)
{
	const char *encoding = PQparameterStatus(db->conn, "server_encoding");

	if (PQserverVersion(db->conn) < OLDEST_VERSION)
		return err_set(error, TP_ERROR_CONFIG,
		    "store '%s': PostgreSQL %d is older than %d", PQdb(db->conn),
		    PQserverVersion(db->conn) / 10000, OLDEST_VERSION / 10000);
	if (g_strcmp0(encoding, "UTF8") != 0)
		return err_set(error, TP_ERROR_CONFIG,
		    "store '%s' is encoded in %s: create the database with ENCODING "
		    "'UTF8'",
		    PQdb(db->conn), encoding != NULL ? encoding : "nothing known");
	return true;
}

void
pgsql_disconnect(PgsqlDb *db)
{
	g_clear_pointer(&db->conn, PQfinish);
	g_hash_table_remove_all(db->cache);
	db->ahead_until_us = 0;
	db->listens = false;
}

bool
pgsql_connect(PgsqlDb *db, GError **error)
{
	pgsql_disconnect(db);
	db->conn = connect_start(db->url);
	if (!connect_finish(db->conn, clock_monotonic_us() + CONNECT_MS * INT64_C(1000)))
		return connect_fail(db->conn, error);
	PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
	return check_server(db, error) && pgsql_word(&db->base, SESSION, error);
}

/* A server that hangs up says why first: read until there is nothing, or the end. */
bool
pgsql_is_alive(PgsqlDb *db)
{
	while (!pgsql_is_lost(db)) {
		struct pollfd look = { .fd = PQsocket(db->conn), .events = POLLIN };

		if (poll(&look, 1, 0) <= 0)
			return true;
		PQconsumeInput(db->conn);
		PQisBusy(db->conn); /* takes apart what was read */
	}
	return false;
}

/* Outside a transaction, and before every statement there. */
bool
pgsql_ready(PgsqlDb *db, GError **error)
{
	int64_t until_us = clock_monotonic_us() + RECONNECT_MS * INT64_C(1000);
	gulong pause_us = 20000;

	if (db->base.in_tx || pgsql_is_alive(db))
		return true;
	for (;;) {
		g_autoptr(GError) wrong = NULL;

		if (pgsql_connect(db, &wrong))
			return true;
		if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) ||
		    clock_monotonic_us() + (int64_t)pause_us > until_us) {
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
		g_usleep(pause_us);
		pause_us = MIN(2 * pause_us, 1000000);
	}
}
