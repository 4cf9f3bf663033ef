/*
 * journal.c - new rows of the books: charges, mails, recalls.
 */
#include "fulfill/domain/journal.h"

static const Stmt MARK = {
	.name = "journal.mark",
	.sql = "SELECT (SELECT coalesce(max(id), 0) FROM sale_event),"
	       " (SELECT coalesce(max(id), 0) FROM mail_out),"
	       " (SELECT coalesce(max(id), 0) FROM audit),"
	       " (SELECT coalesce(max(id), 0) FROM print_piece)",
};
static const Stmt SALES = {
	.name = "journal.sales",
	.sql =
	    "SELECT e.id, e.kind, t.id, o.number, p.sku, coalesce(h.company, h.name), "
	    "e.k,"
	    " e.last_day, e.amount_minor, e.currency, e.reason"
	    " FROM sale_event e JOIN licence l ON l.id = e.licence_id"
	    " JOIN ticket t ON t.licence_id = l.id JOIN product p ON p.id = e.product_id"
	    " JOIN order_line ol ON ol.id = l.order_line_id"
	    " JOIN orders o ON o.id = ol.order_id LEFT JOIN party h ON h.id = l.holder_id"
	    " WHERE e.id > $1 ORDER BY e.id",
};
static const Stmt MAILS = {
	.name = "journal.mails",
	.sql =
	    "SELECT m.id, m.text, m.to_email, m.ticket_id, o.number, j.subject"
	    " FROM mail_out m LEFT JOIN orders o ON o.id = m.order_id"
	    " LEFT JOIN job j ON j.key = 'mail/' || m.id WHERE m.id > $1 ORDER BY m.id",
};
static const Stmt RECALLS = {
	.name = "journal.recalls",
	.sql =
	    "SELECT a.id, a.detail, t.id, o.number, p.sku, coalesce(h.company, h.name)"
	    " FROM audit a JOIN ticket t ON t.id = CAST(substr(a.subject, 8) AS BIGINT)"
	    " JOIN licence l ON l.id = t.licence_id JOIN product p ON p.id = l.product_id"
	    " JOIN order_line ol ON ol.id = l.order_line_id"
	    " JOIN orders o ON o.id = ol.order_id LEFT JOIN party h ON h.id = l.holder_id"
	    " WHERE a.id > $1 AND a.action = 'ticket.recalled' ORDER BY a.id",
};

/* Cards and letters that gather for the printer. */
static const Stmt PIECES = {
	.name = "journal.pieces",
	.sql =
	    "SELECT c.id, b.product, c.ticket_id, o.number, p.sku, coalesce(h.company, "
	    "h.name) FROM print_piece c JOIN print_batch b ON b.id = c.batch_id JOIN "
	    "ticket t ON t.id = c.ticket_id JOIN licence l ON l.id = t.licence_id JOIN "
	    "product p ON p.id = l.product_id JOIN order_line ol ON ol.id = "
	    "l.order_line_id JOIN orders o ON o.id = ol.order_id LEFT JOIN party h ON "
	    "h.id = l.holder_id WHERE c.id > $1 ORDER BY c.id",
};

bool
journal_mark(Db *db, JournalMark *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &MARK, DB_NO_ARGS, error);

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	*ret = (JournalMark){
		.sale_id = db_col_int(rows, 0),
		.mail_id = db_col_int(rows, 1),
		.audit_id = db_col_int(rows, 2),
		.piece_id = db_col_int(rows, 3),
	};
	return true;
}

static JournalEntry
sale_of(const DbRows *rows)
{
	return (JournalEntry){
		.what = db_col_text(rows, 1),
		.ticket_id = db_col_int(rows, 2),
		.order = db_col_text(rows, 3),
		.product = db_col_text(rows, 4),
		.holder = db_col_text(rows, 5),
		.term = (int)db_col_int(rows, 6),
		.last_day = db_col_text(rows, 7),
		.amount_minor = db_col_int(rows, 8),
		.currency = db_col_text(rows, 9),
		.detail = db_col_text(rows, 10),
	};
}

static JournalEntry
mail_of(const DbRows *rows)
{
	return (JournalEntry){
		.what = "mail",
		.mail_id = db_col_int(rows, 0),
		.detail = db_col_text(rows, 1),
		.to = db_col_text(rows, 2),
		.ticket_id = db_col_int(rows, 3),
		.order = db_col_text(rows, 4),
		.subject = db_col_text(rows, 5),
	};
}

static JournalEntry
piece_of(const DbRows *rows)
{
	return (JournalEntry){
		.what = "printed",
		.detail = db_col_text(rows, 1),
		.ticket_id = db_col_int(rows, 2),
		.order = db_col_text(rows, 3),
		.product = db_col_text(rows, 4),
		.holder = db_col_text(rows, 5),
	};
}

static JournalEntry
recall_of(const DbRows *rows)
{
	return (JournalEntry){
		.what = "recalled",
		.detail = db_col_text(rows, 1),
		.ticket_id = db_col_int(rows, 2),
		.order = db_col_text(rows, 3),
		.product = db_col_text(rows, 4),
		.holder = db_col_text(rows, 5),
	};
}

static bool
walk(Db *db, const Stmt *stmt, JournalEntry (*read)(const DbRows *rows), int64_t after,
    JournalFn fn, void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(after)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		JournalEntry entry = read(rows);

		fn(user, &entry);
	}
	return more == 0;
}

bool
journal_since(Db *db, JournalMark *mark, JournalFn fn, void *user, GError **error)
{
	return walk(db, &SALES, sale_of, mark->sale_id, fn, user, error) &&
	       walk(db, &RECALLS, recall_of, mark->audit_id, fn, user, error) &&
	       walk(db, &PIECES, piece_of, mark->piece_id, fn, user, error) &&
	       walk(db, &MAILS, mail_of, mark->mail_id, fn, user, error) &&
	       journal_mark(db, mark, error);
}
