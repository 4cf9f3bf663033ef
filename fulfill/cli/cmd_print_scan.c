/*
 * cmd_print_scan.c - lines from a keyboard scanner, each answered with a line and a beep.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/scan.h"
#include "fulfill/domain/serial.h"
#include "queue/limits.h"

#define LINE_BYTES (LIMIT_QR_TEXT_BYTES + 2)

typedef struct Session {
	Scan scan;
	const Scope *scope;
	int good;
	int bad;
} Session;

/* One beep: go on.  Three: look. */
static void
answer(const Cmd *cmd, const ScanResult *r)
{
	bool bad = scan_is_bad(r->verdict);
	char serial[SERIAL_SIZE];
	json_t *row;
	char *text;

	if (cmd->json) {
		row = json_pack("{s:s, s:s, s:o, s:o, s:I, s:I}", "verdict",
		    scan_verdict_name(r->verdict), "text", r->text, "serial",
		    r->piece_id != 0
			? json_string(serial_format(SERIAL_CARD, r->piece_id, serial))
			: json_null(),
		    "batch", r->batch_id != 0 ? json_integer(r->batch_id) : json_null(),
		    "packed", r->packed, "total", r->total);
		text = json_dumps(row, JSON_COMPACT);
		printf("%s\n", text);
		free(text);
		json_decref(row);
	} else {
		printf("%s%-4s %s",
		    cmd->quiet ? ""
		    : bad      ? "\a\a\a"
			       : "\a",
		    bad                       ? "!!!!"
		    : r->verdict == SCAN_WAIT ? "..."
					      : "ok",
		    r->text);
		if (r->batch_id != 0)
			printf(" [batch %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT
			       " of %" G_GINT64_FORMAT "]",
			    r->batch_id, r->packed, r->total);
		putchar('\n');
	}
	fflush(stdout);
}

/* A card of others is none: what was noted about it is undone. */
static bool
check_scope(DbTx *tx, Session *session, ScanResult *result, GError **error)
{
	g_autoptr(GError) wrong = NULL;

	if (result->piece_id == 0 ||
	    scope_need_piece(tx->db, session->scope, result->piece_id, &wrong))
		return true;
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	db_rollback(tx);
	session->scan = (Scan){ .after = session->scan.after };
	*result = (ScanResult){ .verdict = SCAN_REFUSED };
	g_strlcpy(result->text, "no card of yours", sizeof(result->text));
	return true;
}

static bool
one(Cmd *cmd, Session *session, const char *line, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	ScanResult result;

	if (line[strspn(line, " \t\r\n")] == '\0')
		return true;
	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !scan_line(&tx, cmd->work->vault, &session->scan, line, &result, error) ||
	    !check_scope(&tx, session, &result, error) ||
	    (tx.db != NULL && !db_commit(&tx, error)))
		return false;
	session->good += result.verdict == SCAN_PACKED;
	session->bad += scan_is_bad(result.verdict);
	answer(cmd, &result);
	return true;
}

/* A line that is too long is read to its end and refused as a whole. */
static bool
read_stdin(Cmd *cmd, Session *session, GError **error)
{
	char line[LINE_BYTES + 1];
	bool tty = isatty(STDIN_FILENO) != 0;

	if (tty && !cmd->quiet)
		fprintf(stderr, "scan card and label; Ctrl-D ends\n");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t n = strlen(line);

		while (n == LINE_BYTES && line[n - 1] != '\n') {
			int c = getchar();

			if (c == '\n' || c == EOF)
				break;
		}
		if (!one(cmd, session, line, error))
			return false;
	}
	return true;
}

int
cmd_print_scan(Cmd *cmd, GError **error)
{
	const char *pattern = settings_text(cmd->settings, SET_ACTIVATION_URL);
	const char *hole = strstr(pattern, "{{code}}");
	Session session = { .scan = { .after = hole != NULL ? hole + strlen("{{code}}")
							    : NULL } };
	g_autoptr(Scope) scope = NULL;

	if (!acting_scope(cmd, RIGHT_PRINT, &scope, error))
		return -1;
	session.scope = scope;
	for (int i = 0; i < cmd->n_args; i++)
		if (!one(cmd, &session, cmd->args[i], error))
			return -1;
	if (cmd->n_args == 0 && !read_stdin(cmd, &session, error))
		return -1;
	if (!cmd->json && !cmd->quiet)
		fprintf(stderr, "%d packed, %d wrong\n", session.good, session.bad);
	return session.bad == 0 ? EX_OK : EX_DATAERR;
}
