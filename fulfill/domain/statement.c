/*
 * statement.c - open months are computed, closed ones are read.
 */
#include "fulfill/domain/statement.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/statement_open.h"
#include "queue/clock.h"
#include "queue/fault.h"

static const Stmt PARTIES = {
	.name = "party.statements",
	.sql = "SELECT id, code, name, email, language, brand, address, direct FROM "
	       "party WHERE kind <> 'customer' AND ($1 = '' OR code = $1) ORDER BY code",
};
static const Stmt FIND = {
	.name = "statement.find",
	.sql = "SELECT id, closed_at, hash FROM statement WHERE party_id = $1 AND month "
	       "= $2 AND hash IS NOT NULL",
};
static const Stmt LINES = {
	.name = "statement_line.list",
	.sql = "SELECT id, line, corrects, kind, event_id, month, order_number, "
	       "order_line, sku, product, customer, quantity, first_day, last_day, days,"
	       " period_days, price_minor, amount_minor, currency FROM statement_line"
	       " WHERE statement_id = $1 AND id > $2 ORDER BY id LIMIT 1000",
};
static const Stmt ADD = {
	.name = "statement.add",
	.sql = "INSERT INTO statement (party_id, month, event_id, lines, hash, actor, "
	       "closed_at) VALUES ($1, $2, (SELECT coalesce(max(id), 0) FROM "
	       "sale_event), 0, NULL, $3, $4) ON CONFLICT (party_id, month) DO NOTHING "
	       "RETURNING id",
};
static const Stmt SEAL = {
	.name = "statement.seal",
	.sql = "UPDATE statement SET lines = $2, hash = $3 WHERE id = $1",
};
static const Stmt LINE_ADD = {
	.name = "statement_line.add",
	.sql = "INSERT INTO statement_line (statement_id, line, corrects, kind, "
	       "event_id, month, order_number, order_line, sku, product, customer, "
	       "quantity, first_day, last_day, days, period_days, price_minor, "
	       "amount_minor, currency) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
	       " $11, $12, $13, $14, $15, $16, $17, $18, $19)",
};

void
statement_party_free(StatementParty *party)
{
	if (party == NULL)
		return;
	g_free(party->code);
	g_free(party->name);
	g_free(party->email);
	g_free(party->language);
	g_free(party->brand);
	g_free(party->address);
	g_free(party);
}

GPtrArray *
statement_parties(Db *db, const char *code, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)statement_party_free);
	g_autoptr(DbRows) rows =
	    db_query(db, &PARTIES, DB_ARGS(v_text(code != NULL ? code : "")), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		StatementParty *party = g_new0(StatementParty, 1);

		party->id = db_col_int(rows, 0);
		party->code = g_strdup(db_col_text(rows, 1));
		party->name = g_strdup(db_col_text(rows, 2));
		party->email = g_strdup(db_col_text(rows, 3));
		party->language = g_strdup(db_col_text(rows, 4));
		party->brand = g_strdup(db_col_text(rows, 5));
		party->address = g_strdup(db_col_text(rows, 6));
		party->direct = db_col_int(rows, 7) != 0;
		g_ptr_array_add(list, party);
	}
	if (more < 0)
		return NULL;
	if (code != NULL && list->len == 0) {
		err_set(error, TP_ERROR_NOT_FOUND, "there is no vendor or reseller '%s'",
		    code);
		return NULL;
	}
	return g_steal_pointer(&list);
}

void
statement_line_clear(StatementLine *line)
{
	g_free(line->line);
	g_free(line->corrects);
	g_free(line->order_number);
	g_free(line->order_line);
	g_free(line->sku);
	g_free(line->product);
	g_free(line->customer);
	memset(line, 0, sizeof(*line));
}

void
statement_sums_clear(StatementSums *sums)
{
	g_clear_pointer(&sums->sums, g_array_unref);
}

bool
statement_sums_add(StatementSums *sums, Money amount, GError **error)
{
	if (sums->sums == NULL)
		sums->sums = g_array_new(FALSE, FALSE, sizeof(Money));
	for (guint i = 0; i < sums->sums->len; i++) {
		Money *sum = &g_array_index(sums->sums, Money, i);

		if (strcmp(sum->currency, amount.currency) == 0)
			return money_add(*sum, amount, sum, error);
	}
	g_array_append_val(sums->sums, amount);
	return true;
}

char *
statement_sums_format(const StatementSums *sums, const char *language)
{
	GString *text = g_string_new("");

	for (guint i = 0; sums->sums != NULL && i < sums->sums->len; i++) {
		g_autofree char *one =
		    money_format_people(g_array_index(sums->sums, Money, i), language);

		g_string_append_printf(text, "%s%s", i > 0 ? " + " : "", one);
	}
	return g_string_free(text, FALSE);
}

/* ---- lines on their way, counted and hashed ---- */

typedef struct Counting {
	StatementFn fn;
	void *user;
	StatementSums *sums;
	Hash hash;
} Counting;

static void
hash_line(Hash *hash, const StatementLine *line)
{
	hash_add_text(hash, line->line);
	hash_add_text(hash, line->corrects);
	hash_add_text(hash, line->kind);
	hash_add_int(hash, line->event_id);
	hash_add_int(hash, line->month.v);
	hash_add_text(hash, line->order_number);
	hash_add_text(hash, line->order_line);
	hash_add_text(hash, line->sku);
	hash_add_text(hash, line->product);
	hash_add_text(hash, line->customer);
	hash_add_int(hash, line->quantity);
	hash_add_int(hash, line->first_day.v);
	hash_add_int(hash, line->last_day.v);
	hash_add_int(hash, line->days);
	hash_add_int(hash, line->period_days);
	hash_add_int(hash, line->price.minor);
	hash_add_int(hash, line->amount.minor);
	hash_add_text(hash, line->amount.currency);
}

static bool
count_line(void *user, const StatementLine *line, GError **error)
{
	Counting *counting = user;

	hash_line(&counting->hash, line);
	counting->sums->lines++;
	return statement_sums_add(counting->sums, line->amount, error) &&
	       (counting->fn == NULL || counting->fn(counting->user, line, error));
}

/* ---- closed months ---- */

static const char *
kind_of(const char *name)
{
	static const char *const kinds[] = { "sold", "renewed", "credit", "correction" };

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i], name) == 0)
			return kinds[i];
	BUG("statement_line.kind '%s'", name);
}

static bool
line_from_row(const DbRows *rows, StatementLine *ret, GError **error)
{
	const char *last = db_col_text(rows, 13);

	*ret = (StatementLine){
		.line = g_strdup(db_col_text(rows, 1)),
		.corrects = g_strdup(db_col_text(rows, 2)),
		.kind = kind_of(db_col_text(rows, 3)),
		.event_id = db_col_int(rows, 4),
		.order_number = g_strdup(db_col_text(rows, 6)),
		.order_line = g_strdup(db_col_text(rows, 7)),
		.sku = g_strdup(db_col_text(rows, 8)),
		.product = g_strdup(db_col_text(rows, 9)),
		.customer = g_strdup(db_col_text(rows, 10)),
		.quantity = (int)db_col_int(rows, 11),
		.last_day = DAY_MAX,
		.days = (int)db_col_int(rows, 14),
		.period_days = (int)db_col_int(rows, 15),
		.price.minor = db_col_int(rows, 16),
		.amount.minor = db_col_int(rows, 17),
	};
	g_strlcpy(
	    ret->price.currency, db_col_text(rows, 18), sizeof(ret->price.currency));
	g_strlcpy(
	    ret->amount.currency, db_col_text(rows, 18), sizeof(ret->amount.currency));
	return day_parse_month(db_col_text(rows, 5), &ret->month, error) &&
	       day_parse(db_col_text(rows, 12), &ret->first_day, error) &&
	       (last == NULL || day_parse(last, &ret->last_day, error));
}

/* A page of lines; *at is the last one's row.  1: there may be more. */
static int
frozen_page(Db *db, int64_t id, int64_t *at, Counting *counting, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &LINES, DB_ARGS(v_int(id), v_int(*at)), error);
	int n = 0;
	int more;

	if (rows == NULL)
		return -1;
	while ((more = db_next(rows, error)) == 1) {
		g_auto(StatementLine) line = { 0 };

		*at = db_col_int(rows, 0);
		if (!line_from_row(rows, &line, error) ||
		    !count_line(counting, &line, error))
			return -1;
		n++;
	}
	return more < 0 ? -1 : n > 0;
}

/* 1: it is closed, and its lines were given. */
static int
frozen_lines(Db *db, const StatementParty *party, const char *month, Counting *counting,
    GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &FIND, DB_ARGS(v_int(party->id), v_text(month)), error);
	uint8_t made[HASH_BYTES];
	int64_t id;
	int64_t at = 0;
	size_t size;
	const void *hash;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	id = db_col_int(rows, 0);
	counting->sums->closed = true;
	counting->sums->closed_at = db_col_int(rows, 1);
	hash = db_col_blob(rows, 2, &size);
	if (size == HASH_BYTES)
		memcpy(counting->sums->hash, hash, HASH_BYTES);
	g_clear_pointer(&rows, db_rows_done);
	while ((more = frozen_page(db, id, &at, counting, error)) == 1)
		;
	if (more < 0)
		return -1;
	hash_done(&counting->hash, made);
	if (memcmp(made, counting->sums->hash, HASH_BYTES) != 0)
		return err_set_int(error, TP_ERROR_IO,
		    "the statement of %s for %s was altered after it was closed",
		    party->code, month);
	return 1;
}

static void
month_text(Day month, char ret[DAY_CHARS])
{
	day_format(month, ret);
	ret[7] = '\0';
}

bool
statement_lines(Db *db, const StatementParty *party, Day month, const char *language,
    StatementFn fn, void *user, StatementSums *ret, GError **error)
{
	g_auto(StatementSums) own = { 0 };
	Counting counting = { fn, user, ret != NULL ? ret : &own, { { 0 } } };
	char text[DAY_CHARS];
	int frozen;

	month_text(month, text);
	hash_init(&counting.hash);
	frozen = frozen_lines(db, party, text, &counting, error);
	if (frozen != 0)
		return frozen == 1;
	return statement_open_lines(db, party, day_month_first(month), false, language,
	    count_line, &counting, error);
}

/* ---- closing ---- */

typedef struct Closing {
	DbTx *tx;
	int64_t id;
} Closing;

static bool
store_line(void *user, const StatementLine *line, GError **error)
{
	const Closing *closing = user;
	char month[DAY_CHARS];
	char first[DAY_CHARS];
	char last[DAY_CHARS];

	month_text(line->month, month);
	FAULT("statement.line");
	return db_exec(closing->tx->db, &LINE_ADD,
	    DB_ARGS(v_int(closing->id), v_text(line->line), v_text(line->corrects),
		v_text(line->kind), v_int(line->event_id), v_text(month),
		v_text(line->order_number), v_text(line->order_line), v_text(line->sku),
		v_text(line->product), v_text(line->customer), v_int(line->quantity),
		v_text(day_format(line->first_day, first)),
		v_text(day_cmp(line->last_day, DAY_MAX) < 0
			   ? day_format(line->last_day, last)
			   : NULL),
		v_int(line->days), v_int(line->period_days), v_int(line->price.minor),
		v_int(line->amount.minor), v_text(line->amount.currency)),
	    NULL, error);
}

int
statement_close(DbTx *tx, const StatementParty *party, Day month, Day today,
    const char *language, GError **error)
{
	g_auto(StatementSums) sums = { 0 };
	Closing closing = { .tx = tx };
	Counting counting = { store_line, &closing, &sums, { { 0 } } };
	uint8_t hash[HASH_BYTES];
	char text[DAY_CHARS];
	int added;

	month_text(month, text);
	if (day_cmp(today, day_month_last(month)) <= 0)
		return err_set_int(error, TP_ERROR_INVALID,
		    "%s is not over: a month is closed after its last day", text);
	added = db_find_int(tx->db, &ADD,
	    DB_ARGS(v_int(party->id), v_text(text), v_text(audit_actor()),
		v_int(clock_now_at())),
	    &closing.id, error);
	if (added <= 0)
		return added;
	hash_init(&counting.hash);
	if (!statement_open_lines(tx->db, party, day_month_first(month), true, language,
		count_line, &counting, error))
		return -1;
	hash_done(&counting.hash, hash);
	if (!db_exec(tx->db, &SEAL,
		DB_ARGS(v_int(closing.id), v_int(sums.lines), v_blob(hash, sizeof(hash))),
		NULL, error) ||
	    !audit_add(tx, AUDIT_CLOSED_MONTH, "statement", closing.id, text, error))
		return -1;
	return 1;
}
