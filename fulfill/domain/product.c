/*
 * product.c - products, groups, option ranges.
 */
#include "fulfill/domain/product.h"

#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/money.h"
#include "queue/clock.h"
#include "queue/limits.h"

#define PRODUCT_COLS                                                                     \
	"id, sku, name, kind, ticket_per, term_months, term_days, term_rule, "           \
	"price_minor,"                                                                   \
	" price_currency, notice_months, notice_days"

static const Stmt FIND = {
	.name = "product.find",
	.sql = "SELECT " PRODUCT_COLS " FROM product WHERE sku = $1",
};
static const Stmt GET = {
	.name = "product.get",
	.sql = "SELECT " PRODUCT_COLS " FROM product WHERE id = $1",
};
static const Stmt OPTIONS = {
	.name = "option_range.list",
	.sql = "SELECT name, min_value, max_value, default_value FROM option_range"
	       " WHERE product_id = $1 ORDER BY name",
};
static const Stmt PRINT = {
	.name = "product.fingerprint",
	.sql = "SELECT fingerprint FROM product WHERE sku = $1",
};
static const Stmt PUT = {
	.name = "product.put",
	.sql =
	    "INSERT INTO product (sku, name, kind, product_code, ticket_per, term_months,"
	    " term_days, term_rule, notice_months, notice_days, price_minor, "
	    "price_currency,"
	    " fingerprint, created_at, changed_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"
	    " ON CONFLICT (sku) DO UPDATE SET name = $2, kind = $3, product_code = $4,"
	    " ticket_per = $5, term_months = $6, term_days = $7, term_rule = $8,"
	    " notice_months = $9, notice_days = $10, price_minor = $11,"
	    " price_currency = $12, fingerprint = $13, changed_at = $14"
	    " RETURNING id",
};
static const Stmt GROUP_PUT = {
	.name = "product_group.put",
	.sql = "INSERT INTO product_group (code) VALUES ($1)"
	       " ON CONFLICT (code) DO UPDATE SET code = $1 RETURNING id",
};
static const Stmt GROUPS_DROP = {
	.name = "product_in_group.drop",
	.sql = "DELETE FROM product_in_group WHERE product_id = $1",
};
static const Stmt GROUPS_ADD = {
	.name = "product_in_group.add",
	.sql = "INSERT INTO product_in_group (product_id, group_id) VALUES ($1, $2)"
	       " ON CONFLICT (product_id, group_id) DO NOTHING",
};
static const Stmt OPTIONS_DROP = {
	.name = "option_range.drop",
	.sql = "DELETE FROM option_range WHERE product_id = $1",
};
static const Stmt OPTIONS_ADD = {
	.name = "option_range.add",
	.sql = "INSERT INTO option_range (product_id, name, min_value, max_value,"
	       " default_value) VALUES ($1, $2, $3, $4, $5)",
};

static void
option_free(gpointer data)
{
	OptionRange *option = data;

	g_free(option->name);
	g_free(option);
}

void
product_free(Product *product)
{
	if (product == NULL)
		return;
	g_free(product->sku);
	json_decref(product->names);
	g_free(product->kind);
	g_free(product->term_rule);
	g_free(product->price_currency);
	g_ptr_array_unref(product->options);
	g_free(product);
}

static bool
read_options(Db *db, Product *product, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &OPTIONS, DB_ARGS(v_int(product->id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		OptionRange *option = g_new0(OptionRange, 1);

		option->name = g_strdup(db_col_text(rows, 0));
		option->min = db_col_int(rows, 1);
		option->max = db_col_int(rows, 2);
		option->fallback = db_col_int(rows, 3);
		g_ptr_array_add(product->options, option);
	}
	return more == 0;
}

static int
find(Db *db, const Stmt *stmt, DbValue key, Product **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(key), error);
	g_autoptr(Product) product = NULL;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	product = g_new0(Product, 1);
	product->options = g_ptr_array_new_with_free_func(option_free);
	product->id = db_col_int(rows, 0);
	product->sku = g_strdup(db_col_text(rows, 1));
	product->names = json_loads(db_col_text(rows, 2), 0, NULL);
	product->kind = g_strdup(db_col_text(rows, 3));
	product->ticket_per_line = strcmp(db_col_text(rows, 4), "line") == 0;
	product->term_months = (int)db_col_int(rows, 5);
	product->term_days = (int)db_col_int(rows, 6);
	product->term_rule = g_strdup(db_col_text(rows, 7));
	product->price_minor = db_col_int(rows, 8);
	product->price_currency = g_strdup(db_col_text(rows, 9));
	product->notice_months = (int)db_col_int(rows, 10);
	product->notice_days = (int)db_col_int(rows, 11);
	if (!read_options(db, product, error))
		return -1;
	*ret = g_steal_pointer(&product);
	return 1;
}

int
product_find(Db *db, const char *sku, Product **ret, GError **error)
{
	return find(db, &FIND, v_text(sku), ret, error);
}

Product *
product_get(Db *db, int64_t id, GError **error)
{
	Product *product = NULL;
	int found = find(db, &GET, v_int(id), &product, error);

	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no product %" G_GINT64_FORMAT, id);
	return product;
}

const char *
product_name(const Product *product, const char *language)
{
	const char *name = json_string_value(json_object_get(product->names, language));
	const char *key;
	json_t *value;

	if (name == NULL)
		name = json_string_value(json_object_get(product->names, "en"));
	if (name != NULL)
		return name;
	json_object_foreach (product->names, key, value) {
		if (json_is_string(value))
			return json_string_value(value);
	}
	return product->sku;
}

const OptionRange *
product_option(const Product *product, const char *name)
{
	for (guint i = 0; i < product->options->len; i++) {
		const OptionRange *option = g_ptr_array_index(product->options, i);

		if (strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

bool
product_group_ensure(DbTx *tx, const char *code, int64_t *ret_id, GError **error)
{
	return db_find_int(tx->db, &GROUP_PUT, DB_ARGS(v_text(code)), ret_id, error) == 1;
}

/* A name in every language the file gives: an object of texts. */
static char *
read_names(JsonRead *record)
{
	const json_t *names = jr_object(record, "name", JR_MUST);
	const char *language;
	json_t *name;

	if (names == NULL)
		return NULL;
	if (json_object_size(names) == 0)
		jr_fault(record, "name", "has no language");
	json_object_foreach ((json_t *)(uintptr_t)names, language, name) {
		const char *text = json_string_value(name);

		if (text == NULL || *text == '\0' ||
		    g_utf8_strlen(text, -1) > LIMIT_NAME_CHARS)
			jr_fault(record, "name",
			    "'%s' must be text of 1 to %d characters", language,
			    LIMIT_NAME_CHARS);
	}
	return json_dumps(names, JSON_COMPACT | JSON_SORT_KEYS);
}

/* {"months": 12, "rule": "bgb"}, {"days": 90} */
static void
read_span(JsonRead *record, const char *key, const char *known, int64_t *months,
    int64_t *days, const char **rule)
{
	const json_t *value = jr_object(record, key, JR_MAY);
	g_auto(JsonRead) span = { 0 };

	*months = *days = 0;
	if (value == NULL)
		return;
	jr_enter(&span, value, record->faults, "%s.%s", record->path, key);
	jr_only(&span, known);
	*months = jr_int(&span, "months", JR_MAY, 1, 1200, 0);
	*days = jr_int(&span, "days", JR_MAY, 1, 36600, 0);
	if (rule != NULL)
		*rule = jr_choice(&span, "rule", JR_MAY, "bgb|anchor");
	if ((*months == 0) == (*days == 0))
		faults_add(
		    record->faults, span.path, "needs months or days, and not both");
}

static void
read_price(JsonRead *record, int64_t *minor, char **currency)
{
	const char *text = jr_text(record, "price", JR_MAY, 40);
	g_autoptr(GError) wrong = NULL;
	Money price;

	if (text == NULL)
		return;
	if (!money_parse(text, &price, &wrong)) {
		jr_fault(record, "price", "%s", wrong->message);
		return;
	}
	*minor = price.minor;
	*currency = g_strdup(price.currency);
}

static bool
import_groups(DbTx *tx, JsonRead *record, int64_t product_id, GError **error)
{
	const json_t *groups = jr_array(record, "groups", JR_MAY);
	size_t i;
	json_t *group;

	if (!db_exec(tx->db, &GROUPS_DROP, DB_ARGS(v_int(product_id)), NULL, error))
		return false;
	json_array_foreach (groups, i, group) {
		const char *code = json_string_value(group);
		int64_t group_id;

		if (code == NULL || *code == '\0') {
			jr_fault(record, "groups", "[%zu] must be text", i);
			continue;
		}
		if (!product_group_ensure(tx, code, &group_id, error) ||
		    !db_exec(tx->db, &GROUPS_ADD,
			DB_ARGS(v_int(product_id), v_int(group_id)), NULL, error))
			return false;
	}
	return true;
}

static bool
import_options(DbTx *tx, JsonRead *record, int64_t product_id, GError **error)
{
	const json_t *options = jr_object(record, "options", JR_MAY);
	const char *name;
	json_t *value;

	if (!db_exec(tx->db, &OPTIONS_DROP, DB_ARGS(v_int(product_id)), NULL, error))
		return false;
	json_object_foreach ((json_t *)(uintptr_t)options, name, value) {
		g_auto(JsonRead) range = { 0 };
		int64_t min;
		int64_t max;
		int64_t fallback;

		jr_enter(
		    &range, value, record->faults, "%s.options.%s", record->path, name);
		jr_only(&range, "min|max|default");
		min = jr_int(&range, "min", JR_MAY, INT32_MIN, INT32_MAX, 1);
		max = jr_int(&range, "max", JR_MAY, INT32_MIN, INT32_MAX, INT32_MAX);
		fallback = jr_int(&range, "default", JR_MAY, INT32_MIN, INT32_MAX, min);
		if (min > max)
			jr_fault(&range, "min", "is above max");
		else if (fallback < min || fallback > max)
			jr_fault(&range, "default", "is outside min to max");
		if (!db_exec(tx->db, &OPTIONS_ADD,
			DB_ARGS(v_int(product_id), v_text(name), v_int(min), v_int(max),
			    v_int(fallback)),
			NULL, error))
			return false;
	}
	return true;
}

int
product_import(DbTx *tx, JsonRead *record, GError **error)
{
	const char *sku = jr_text(record, "sku", JR_MUST, 64);
	const char *kind =
	    jr_choice(record, "kind", JR_MUST, "full|demo|subscription|nfr");
	const char *per = jr_choice(record, "ticket_per", JR_MAY, "unit|line");
	int64_t code = jr_int(record, "product_code", JR_MAY, 1, UINT32_MAX, 0);
	g_autofree char *names = read_names(record);
	g_autofree char *currency = NULL;
	const char *rule = NULL;
	int64_t price = 0;
	int64_t months;
	int64_t days;
	int64_t notice_months;
	int64_t notice_days;
	uint8_t print[HASH_BYTES];
	guint before = faults_count(record->faults);
	int64_t now = clock_now_at();
	int64_t id;
	int same;

	jr_only(record,
	    "sku|name|kind|product_code|groups|ticket_per|term|notice|price|options");
	read_span(record, "term", "months|days|rule", &months, &days, &rule);
	read_span(record, "notice", "months|days", &notice_months, &notice_days, NULL);
	read_price(record, &price, &currency);
	if (sku == NULL || kind == NULL || names == NULL ||
	    faults_count(record->faults) > before)
		return 0;
	if (strcmp(kind, "subscription") == 0 && months == 0 && days == 0)
		jr_fault(record, "term", "a subscription needs one");
	fingerprint_of(record->object, print);
	same = fingerprint_is(tx->db, &PRINT, v_text(sku), v_null(), print, error);
	if (same != 0)
		return same > 0 ? 0 : -1;
	if (db_find_int(tx->db, &PUT,
		DB_ARGS(v_text(sku), v_text(names), v_text(kind), v_id(code),
		    v_text(per != NULL ? per : "unit"), v_id(months), v_id(days),
		    v_text(rule), v_id(notice_months), v_id(notice_days),
		    currency != NULL ? v_int(price) : v_null(), v_text(currency),
		    v_blob(print, sizeof(print)), v_int(now)),
		&id, error) != 1 ||
	    !import_groups(tx, record, id, error) ||
	    !import_options(tx, record, id, error))
		return -1;
	return 1;
}

bool
product_charge(const Product *product, int quantity, Money *ret, GError **error)
{
	Money one;

	*ret = (Money){ 0 };
	if (product->price_currency == NULL || strcmp(product->kind, "nfr") == 0)
		return true;
	return money_from_minor(
		   product->price_minor, product->price_currency, &one, error) &&
	       money_scale(one, quantity, 1, ret, error);
}
