/*
 * report.c - the tables, and the statement as a report.
 */
#include "fulfill/domain/report.h"

#include <string.h>

#include "fulfill/domain/report_rows.h"

static const ReportColumn licences[] = {
#define REPORT(id, name, de, en, what)
#define COLUMN(report, key, type, width, de, en, what)                                   \
	COLUMN_##report(#key, REPORT_##type, width, de, en, what)
#define COLUMN_LICENCES(...) { __VA_ARGS__ },
#define COLUMN_SUBSCRIPTIONS(...)
#define COLUMN_STATEMENT(...)
#define COLUMN_NFR(...)
#include "fulfill/domain/report.def"
#undef COLUMN_LICENCES
#undef COLUMN_SUBSCRIPTIONS
};
static const ReportColumn subscriptions[] = {
#define COLUMN_LICENCES(...)
#define COLUMN_SUBSCRIPTIONS(...) { __VA_ARGS__ },
#include "fulfill/domain/report.def"
#undef COLUMN_SUBSCRIPTIONS
#undef COLUMN_STATEMENT
};
static const ReportColumn statement[] = {
#define COLUMN_SUBSCRIPTIONS(...)
#define COLUMN_STATEMENT(...) { __VA_ARGS__ },
#include "fulfill/domain/report.def"
#undef COLUMN_STATEMENT
#undef COLUMN_NFR
};
static const ReportColumn nfr[] = {
#define COLUMN_STATEMENT(...)
#define COLUMN_NFR(...) { __VA_ARGS__ },
#include "fulfill/domain/report.def"
#undef COLUMN_LICENCES
#undef COLUMN_SUBSCRIPTIONS
#undef COLUMN_STATEMENT
#undef COLUMN_NFR
#undef COLUMN
#undef REPORT
};

#define COLUMNS_OF(list) list, G_N_ELEMENTS(list)
static const struct {
	const ReportColumn *columns;
	int n;
} column_lists[REPORTS] = {
	[REPORT_LICENCES] = { COLUMNS_OF(licences) },
	[REPORT_SUBSCRIPTIONS] = { COLUMNS_OF(subscriptions) },
	[REPORT_STATEMENT] = { COLUMNS_OF(statement) },
	[REPORT_NFR] = { COLUMNS_OF(nfr) },
};

static Report reports[REPORTS] = {
#define REPORT(id, name, de, en, what) { name, de, en, what, NULL, 0 },
#define COLUMN(report, key, type, width, de, en, what)
#include "fulfill/domain/report.def"
#undef REPORT
#undef COLUMN
};

const Report *
report_get(ReportId id)
{
	_Static_assert(G_N_ELEMENTS(licences) <= REPORT_COLUMNS_MAX, "licences");
	_Static_assert(G_N_ELEMENTS(statement) <= REPORT_COLUMNS_MAX, "statement");
	reports[id].columns = column_lists[id].columns;
	reports[id].n = column_lists[id].n;
	return &reports[id];
}

bool
report_from_name(const char *name, ReportId *ret)
{
	for (int i = 0; i < REPORTS; i++)
		if (strcmp(reports[i].name, name) == 0) {
			*ret = (ReportId)i;
			return true;
		}
	return false;
}

typedef struct StatementRows {
	const StatementParty *party;
	ReportFn fn;
	void *user;
} StatementRows;

static bool
statement_row(void *user, const StatementLine *line, GError **error)
{
	const StatementRows *rows = user;
	char month[DAY_CHARS];
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	const ReportCell cells[] = {
		{ .text = rows->party->code },
		{ .text = line->line },
		{ .text = line->corrects },
		{ .text = line->kind },
		{ .text = month },
		{ .text = line->order_number },
		{ .text = line->order_line },
		{ .text = line->sku },
		{ .text = line->product },
		{ .text = *line->customer != '\0' ? line->customer : NULL },
		{ .number = line->quantity },
		{ .text = day_format(line->first_day, first) },
		{ .text = day_cmp(line->last_day, DAY_MAX) < 0
			      ? day_format(line->last_day, last)
			      : NULL },
		{ .number = line->days },
		{ .number = line->period_days },
		{ .number = line->price.minor, .text = line->price.currency },
		{ .number = line->amount.minor, .text = line->amount.currency },
		{ .text = line->amount.currency },
	};

	_Static_assert(G_N_ELEMENTS(cells) == G_N_ELEMENTS(statement), "statement");
	day_format(line->month, month);
	month[7] = '\0';
	return rows->fn(rows->user, cells, error);
}

typedef struct Export {
	const Scope *scope;
	const StatementParty *party;
} Export;

static bool
may_export(void *user, const StatementLine *line, GError **error)
{
	const Export *export = user;

	return scope_has_code(export->scope, export->party->code, line->sku) ||
	       err_set(error, TP_ERROR_DENIED,
		   "the statement of %s has '%s', which you have no right to export: it "
		   "goes out whole or not",
		   export->party->code, line->sku);
}

/* Those whose statements may be exported at all. */
static GPtrArray *
parties_within(Db *db, const ReportQuery *query, GError **error)
{
	g_autoptr(GPtrArray) parties = statement_parties(db, query->party, error);

	if (parties == NULL)
		return NULL;
	for (guint i = parties->len; i-- > 0;) {
		const StatementParty *party = g_ptr_array_index(parties, i);

		if (!scope_has_party_code(query->scope, party->code))
			g_ptr_array_remove_index(parties, i);
	}
	if (query->party != NULL && parties->len == 0) {
		err_set(error, TP_ERROR_NOT_FOUND, "there is no vendor or reseller '%s'",
		    query->party);
		return NULL;
	}
	return g_steal_pointer(&parties);
}

bool
report_check(Db *db, const ReportQuery *query, GError **error)
{
	g_autoptr(GPtrArray) parties = NULL;

	/* A party that does not exist is a mistake, not an empty list. */
	if (query->party == NULL && query->scope == NULL)
		return true;
	parties = parties_within(db, query, error);
	if (parties == NULL)
		return false;
	for (guint i = 0; query->id == REPORT_STATEMENT && i < parties->len; i++) {
		Export export = { query->scope, g_ptr_array_index(parties, i) };

		if (query->scope != NULL &&
		    !statement_lines(db, export.party, query->day, query->language,
			may_export, &export, NULL, error))
			return false;
	}
	return true;
}

static bool
run_statement(Db *db, const ReportQuery *query, ReportFn fn, void *user,
    StatementSums *ret, GError **error)
{
	g_autoptr(GPtrArray) parties = parties_within(db, query, error);
	Hash hash;

	if (parties == NULL)
		return false;
	hash_init(&hash);
	ret->closed = parties->len > 0;
	for (guint i = 0; i < parties->len; i++) {
		const StatementParty *party = g_ptr_array_index(parties, i);
		StatementRows rows = { party, fn, user };
		g_auto(StatementSums) one = { 0 };

		if (!statement_lines(db, party, query->day, query->language,
			statement_row, &rows, &one, error))
			return false;
		for (guint s = 0; one.sums != NULL && s < one.sums->len; s++)
			if (!statement_sums_add(
				ret, g_array_index(one.sums, Money, s), error))
				return false;
		ret->lines += one.lines;
		ret->closed = ret->closed && one.closed;
		ret->closed_at = MAX(ret->closed_at, one.closed_at);
		hash_add(&hash, one.hash, HASH_BYTES);
		if (parties->len == 1)
			memcpy(ret->hash, one.hash, HASH_BYTES);
	}
	if (parties->len != 1)
		hash_done(&hash, ret->hash);
	if (!ret->closed)
		ret->closed_at = 0;
	return true;
}

bool
report_run(Db *db, const ReportQuery *query, ReportFn fn, void *user, StatementSums *ret,
    GError **error)
{
	g_auto(StatementSums) own = { 0 };
	StatementSums *sums = ret != NULL ? ret : &own;

	if (query->id == REPORT_STATEMENT)
		return run_statement(db, query, fn, user, sums, error);
	return report_rows(db, query, fn, user, &sums->lines, error);
}
