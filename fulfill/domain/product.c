/*
 * product.c - products, groups, option ranges.
 */
#include "fulfill/domain/product.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/money.h"
#include "fulfill/domain/term.h"
#include "queue/clock.h"
#include "queue/limits.h"

#define PRODUCT_COLS                                                                     \
	"id, sku, name, kind, ticket_per, term_months, term_days, term_rule, "           \
	"price_minor,"                                                                   \
	" price_currency, notice_months, notice_days, per_customer,"                     \
	" term_starts"

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
	.sql =
	    "SELECT name, allowed FROM option_range WHERE product_id = $1 ORDER BY name",
};
static const Stmt GROUPS = {
	.name = "product_in_group.list",
	.sql = "SELECT g.code, g.options FROM product_in_group i"
	       " JOIN product_group g ON g.id = i.group_id WHERE i.product_id = $1"
	       " ORDER BY g.code",
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
	    " fingerprint, created_at, changed_at, per_customer, term_starts)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14,"
	    " $15, $16)"
	    " ON CONFLICT (sku) DO UPDATE SET name = $2, kind = $3, product_code = $4,"
	    " ticket_per = $5, term_months = $6, term_days = $7, term_rule = $8,"
	    " notice_months = $9, notice_days = $10, price_minor = $11,"
	    " price_currency = $12, fingerprint = $13, changed_at = $14,"
	    " per_customer = $15, term_starts = $16 RETURNING id",
};
static const Stmt GROUP_PUT = {
	.name = "product_group.put",
	.sql = "INSERT INTO product_group (code) VALUES ($1)"
	       " ON CONFLICT (code) DO UPDATE SET code = $1 RETURNING id",
};
static const Stmt GROUP_LIST = {
	.name = "product_group.list",
	.sql = "SELECT code FROM product_group ORDER BY code /* scan: all are wanted */",
};
static const Stmt GROUP_PRINT = {
	.name = "product_group.fingerprint",
	.sql = "SELECT fingerprint FROM product_group WHERE code = $1",
};
static const Stmt GROUP_LIMITS = {
	.name = "product_group.limits",
	.sql = "UPDATE product_group SET options = $2, fingerprint = $3 WHERE id = $1",
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
	.sql = "INSERT INTO option_range (product_id, name, allowed) VALUES ($1, $2, $3)",
};

static void
group_free(gpointer data)
{
	ProductGroup *group = data;

	g_free(group->code);
	ranges_free(group->limits);
	g_free(group);
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
	ranges_free(product->offer);
	g_ptr_array_unref(product->groups);
	g_free(product);
}

/* Stored ranges were checked when they were imported; damage is told all the same. */
static Ranges *
stored_ranges(json_t *object, RangesRole role, GError **error)
{
	Ranges *ranges = ranges_from_json(object, role, error);

	json_decref(object);
	return ranges;
}

static bool
read_options(Db *db, Product *product, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &OPTIONS, DB_ARGS(v_int(product->id)), error);
	json_t *object = json_object();
	int more;

	while (rows != NULL && (more = db_next(rows, error)) == 1)
		json_object_set_new(object, db_col_text(rows, 0),
		    json_loads(db_col_text(rows, 1), 0, NULL));
	if (rows == NULL || more < 0) {
		json_decref(object);
		return false;
	}
	product->offer = stored_ranges(object, RANGES_OFFER, error);
	return product->offer != NULL;
}

static bool
add_group(Product *product, const char *code, const char *allowed, GError **error)
{
	ProductGroup *group = g_new0(ProductGroup, 1);

	g_ptr_array_add(product->groups, group);
	group->code = g_strdup(code);
	group->limits = stored_ranges(
	    allowed != NULL ? json_loads(allowed, 0, NULL) : NULL, RANGES_LIMITS, error);
	return group->limits != NULL;
}

static bool
read_in_groups(Db *db, Product *product, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &GROUPS, DB_ARGS(v_int(product->id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		if (!add_group(
			product, db_col_text(rows, 0), db_col_text(rows, 1), error))
			return false;
	if (more == 0 && product->groups->len == 0)
		return add_group(product, PRODUCT_NO_GROUP, NULL, error);
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
	product->groups = g_ptr_array_new_with_free_func(group_free);
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
	product->per_customer = (int)db_col_int(rows, 12);
	product->starts_assigned = strcmp(db_col_text(rows, 13), "assigned") == 0;
	if (!read_options(db, product, error) || !read_in_groups(db, product, error))
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

char **
product_group_list(Db *db, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GROUP_LIST, DB_NO_ARGS, error);
	g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func(g_free);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(codes, g_strdup(db_col_text(rows, 0)));
	if (more < 0)
		return NULL;
	g_ptr_array_add(codes, NULL);
	return (char **)g_ptr_array_steal(codes, NULL);
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
    int64_t *days, const char **rule, const char **starts)
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
	if (starts != NULL)
		*starts = jr_choice(&span, "starts", JR_MAY, "sale|assigned");
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

/* Checked as a whole, stored one by one. */
static bool
import_options(DbTx *tx, JsonRead *record, int64_t product_id, GError **error)
{
	const json_t *options = jr_object(record, "options", JR_MAY);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Ranges) offer = ranges_from_json(options, RANGES_OFFER, &wrong);
	json_t *checked;
	const char *name;
	json_t *value;
	bool ok = true;

	if (offer == NULL) {
		jr_fault(record, "options", "%s", wrong->message);
		return true;
	}
	if (!db_exec(tx->db, &OPTIONS_DROP, DB_ARGS(v_int(product_id)), NULL, error))
		return false;
	checked = ranges_to_json(offer);
	json_object_foreach (checked, name, value) {
		char *text = json_dumps(value, JSON_COMPACT);

		ok = ok && db_exec(tx->db, &OPTIONS_ADD,
			       DB_ARGS(v_int(product_id), v_text(name), v_text(text)),
			       NULL, error);
		free(text);
	}
	json_decref(checked);
	return ok;
}

int
product_group_import(DbTx *tx, JsonRead *record, GError **error)
{
	const char *code = jr_text(record, "id", JR_MUST, 64);
	const json_t *options = jr_object(record, "options", JR_MAY);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Ranges) allowed = ranges_from_json(options, RANGES_LIMITS, &wrong);
	uint8_t print[HASH_BYTES];
	int64_t id;
	char *text;
	int same;
	bool ok;

	jr_only(record, "id|options");
	if (allowed == NULL)
		jr_fault(record, "options", "%s", wrong->message);
	if (code == NULL || allowed == NULL)
		return 0;
	fingerprint_of(record->object, print);
	same = fingerprint_is(tx->db, &GROUP_PRINT, v_text(code), v_null(), print, error);
	if (same != 0)
		return same > 0 ? 0 : -1;
	text = options != NULL ? json_dumps(options, JSON_COMPACT) : NULL;
	ok = product_group_ensure(tx, code, &id, error) &&
	     db_exec(tx->db, &GROUP_LIMITS,
		 DB_ARGS(v_int(id), v_text(text), v_blob(print, sizeof(print))), NULL,
		 error);
	free(text);
	return ok ? 1 : -1;
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
	const char *starts = NULL;
	int64_t price = 0;
	int64_t months;
	int64_t days;
	int64_t notice_months;
	int64_t notice_days;
	int64_t per_customer =
	    jr_int(record, "per_customer", JR_MAY, 1, LIMIT_ORDER_QUANTITY, 0);
	uint8_t print[HASH_BYTES];
	guint before = faults_count(record->faults);
	int64_t now = clock_now_at();
	int64_t id;
	int same;

	jr_only(record,
	    "sku|name|kind|product_code|groups|ticket_per|term|notice|price|options|"
	    "per_customer");
	read_span(
	    record, "term", "months|days|rule|starts", &months, &days, &rule, &starts);
	read_span(
	    record, "notice", "months|days", &notice_months, &notice_days, NULL, NULL);
	read_price(record, &price, &currency);
	if (sku == NULL || kind == NULL || names == NULL ||
	    faults_count(record->faults) > before)
		return 0;
	if (strcmp(kind, "subscription") == 0 && months == 0 && days == 0)
		jr_fault(record, "term", "a subscription needs one");
	if (g_strcmp0(starts, "assigned") == 0 && strcmp(kind, "subscription") != 0)
		jr_fault(record, "term.starts",
		    "is for subscriptions; a demo always starts when it is assigned");
	fingerprint_of(record->object, print);
	same = fingerprint_is(tx->db, &PRINT, v_text(sku), v_null(), print, error);
	if (same != 0)
		return same > 0 ? 0 : -1;
	if (db_find_int(tx->db, &PUT,
		DB_ARGS(v_text(sku), v_text(names), v_text(kind), v_id(code),
		    v_text(per != NULL ? per : "unit"), v_id(months), v_id(days),
		    v_text(rule), v_id(notice_months), v_id(notice_days),
		    currency != NULL ? v_int(price) : v_null(), v_text(currency),
		    v_blob(print, sizeof(print)), v_int(now), v_id(per_customer),
		    v_text(starts != NULL ? starts : "sale")),
		&id, error) != 1 ||
	    !import_groups(tx, record, id, error) ||
	    !import_options(tx, record, id, error))
		return -1;
	return 1;
}

bool
product_suits_consumer(const Product *product, GError **error)
{
	Notice notice = { .months = product->notice_months,
		.days = product->notice_days };

	if (strcmp(product->kind, "subscription") != 0 ||
	    notice_check(notice, true, error))
		return true;
	g_prefix_error(error, "'%s': ", product->sku);
	return false;
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
