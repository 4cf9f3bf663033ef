/*
 * erase.c - erase.def as statements.
 *
 * The only place where SQL text is put together at run time: from the literals of
 * erase.def alone, once, and kept for ever because a Stmt's address is its name.
 */
#include "fulfill/domain/erase.h"

#include <string.h>

#define ORDERS_OF_PARTY "(SELECT id FROM orders WHERE customer_id = $1)"
#define TICKETS_OF_PARTY                                                                 \
	"(SELECT t.id FROM ticket t JOIN licence l ON l.id = t.licence_id"               \
	" WHERE l.holder_id = $1)"
#define MAILS_OF_PARTY                                                                   \
	"(SELECT m.id FROM mail_out m WHERE m.order_id IN " ORDERS_OF_PARTY              \
	" UNION SELECT m.id FROM mail_out m WHERE m.ticket_id IN " TICKETS_OF_PARTY      \
	" UNION SELECT n.mail_id FROM privacy_notice n"                                  \
	" WHERE n.party_id = $1 AND n.mail_id IS NOT NULL)"

typedef struct Who {
	EraseScope scope;
	const char *table;
	EraseDeed deed;
	const char *where;
} Who;

static const Who whos[] = {
#define WHO(scope, table, deed, where) { ERASE_##scope, #table, ERASE_##deed, where },
#define COL(table, column, holds, deed, value, why)
#include "fulfill/domain/erase.def"
#undef WHO
#undef COL
};

static const EraseColumn columns[] = {
#define WHO(scope, table, deed, where)
#define COL(table, column, holds, deed, value, why)                                      \
	{ #table, #column, ERASE_##holds, ERASE_##deed, value, why },
#include "fulfill/domain/erase.def"
#undef WHO
#undef COL
	{ NULL, NULL, ERASE_FACT, ERASE_KEEP, NULL, NULL },
};

static const char *const scope_names[ERASE_SCOPES] = {
	[ERASE_PARTY] = "party",
	[ERASE_USER] = "user",
	[ERASE_EMPLOYEE] = "employee",
	[ERASE_EMAIL] = "email",
};

static const char *const deed_names[] = {
	[ERASE_KEEP] = "keep",
	[ERASE_BLANK] = "blank",
	[ERASE_PSEUDO] = "pseudonym",
	[ERASE_CHANGE] = "change",
	[ERASE_DELETE] = "delete",
};

const char *
erase_scope_name(EraseScope scope)
{
	return scope_names[scope];
}

bool
erase_scope_from_name(const char *name, EraseScope *ret)
{
	for (int i = 0; i < ERASE_SCOPES; i++)
		if (g_strcmp0(scope_names[i], name) == 0) {
			*ret = (EraseScope)i;
			return true;
		}
	return false;
}

const char *
erase_deed_name(EraseDeed deed)
{
	return deed_names[deed];
}

const EraseColumn *
erase_columns(void)
{
	return columns;
}

const EraseColumn *
erase_column_find(const char *table, const char *column)
{
	for (const EraseColumn *c = columns; c->table != NULL; c++)
		if (strcmp(c->table, table) == 0 && strcmp(c->column, column) == 0)
			return c;
	return NULL;
}

static char *
change_sql(const Who *who)
{
	g_autoptr(GString) sql = g_string_new("");
	int n = 0;

	if (who->deed == ERASE_DELETE)
		return g_strdup_printf(
		    "DELETE FROM \"%s\" WHERE %s", who->table, who->where);
	g_string_printf(sql, "UPDATE \"%s\" SET ", who->table);
	for (const EraseColumn *c = columns; c->table != NULL; c++)
		if (strcmp(c->table, who->table) == 0 && c->deed != ERASE_KEEP)
			g_string_append_printf(sql, "%s\"%s\" = %s", n++ > 0 ? ", " : "",
			    c->column, c->value);
	if (n == 0)
		return NULL;
	g_string_append_printf(sql, " WHERE %s", who->where);
	return g_string_free(g_steal_pointer(&sql), FALSE);
}

static char *
select_sql(const Who *who, GPtrArray *shown)
{
	g_autoptr(GString) sql = g_string_new("SELECT ");

	for (const EraseColumn *c = columns; c->table != NULL; c++) {
		if (strcmp(c->table, who->table) != 0 || c->holds == ERASE_SECRET)
			continue;
		g_string_append_printf(
		    sql, "%sCAST(\"%s\" AS TEXT)", shown->len > 0 ? ", " : "", c->column);
		g_ptr_array_add(shown, (gpointer)(uintptr_t)c);
	}
	g_string_append_printf(sql, " FROM \"%s\" WHERE %s", who->table, who->where);
	return g_string_free(g_steal_pointer(&sql), FALSE);
}

static Stmt
stmt_new(const Who *who, const char *verb, char *sql)
{
	return (Stmt){ .name = g_strconcat(who->table, ".", verb, NULL), .sql = sql };
}

const GPtrArray *
erase_parts(void)
{
	static GPtrArray *parts;

	if (g_once_init_enter(&parts)) {
		GPtrArray *all = g_ptr_array_new();

		for (size_t i = 0; i < G_N_ELEMENTS(whos); i++) {
			ErasePart *part = g_new0(ErasePart, 1);

			part->scope = whos[i].scope;
			part->table = whos[i].table;
			part->deed = whos[i].deed;
			part->columns = g_ptr_array_new();
			part->count = stmt_new(&whos[i], "erase_count",
			    g_strdup_printf("SELECT count(*) FROM \"%s\" WHERE %s",
				whos[i].table, whos[i].where));
			part->select = stmt_new(&whos[i], "erase_select",
			    select_sql(&whos[i], part->columns));
			part->change = stmt_new(&whos[i], "erase", change_sql(&whos[i]));
			g_ptr_array_add(all, part);
		}
		g_once_init_leave(&parts, all);
	}
	return parts;
}

/* Numbers as numbers; everything else as the text it is. */
static json_t *
value_json(const char *text)
{
	char *end;
	int64_t n;

	if (text == NULL)
		return json_null();
	n = g_ascii_strtoll(text, &end, 10);
	if (*text != '\0' && *end == '\0' && strlen(text) < 19 &&
	    (*text != '0' || text[1] == '\0') && *text != '+')
		return json_integer(n);
	return json_string(text);
}

json_t *
erase_part_rows(Db *db, const ErasePart *part, DbValue who, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &part->select, DB_ARGS(who), error);
	json_t *list;
	int more;

	if (rows == NULL)
		return NULL;
	list = json_array();
	while ((more = db_next(rows, error)) == 1) {
		json_t *row = json_object();

		for (guint i = 0; i < part->columns->len; i++) {
			const EraseColumn *c = g_ptr_array_index(part->columns, i);

			if (!db_col_is_null(rows, (int)i))
				json_object_set_new(row, c->column,
				    value_json(db_col_text(rows, (int)i)));
		}
		json_array_append_new(list, row);
	}
	if (more < 0)
		g_clear_pointer(&list, json_decref);
	return list;
}

bool
erase_part_count(Db *db, const ErasePart *part, DbValue who, int64_t *ret, GError **error)
{
	return db_find_int(db, &part->count, DB_ARGS(who), ret, error) == 1;
}

bool
erase_part_apply(
    DbTx *tx, const ErasePart *part, DbValue who, int64_t *ret_n, GError **error)
{
	*ret_n = 0;
	return part->change.sql == NULL ||
	       db_exec(tx->db, &part->change, DB_ARGS(who), ret_n, error);
}
