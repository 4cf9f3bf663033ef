/*
 * subscription_letter.c - who is told what, and once.
 */
#include "fulfill/domain/subscription_letter.h"

#include <string.h>

#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/product.h"
#include "queue/clock.h"

/* clang-format off */
static const struct {
	const char *name;    /* stored, with "/about" behind it */
	const char *flag;    /* of the text "subscription" */
	const char *subject; /* for people who read the queue */
} events[] = {
	[SUBSCRIPTION_RENEWS]  = { "renews",    "renews",    "reminder: renews" },
	[SUBSCRIPTION_ENDS]    = { "ends",      "ends",      "reminder: ends" },
	[SUBSCRIPTION_RENEWED] = { "renewed",   "renewed",   "renewed" },
	[SUBSCRIPTION_NOTICED] = { "cancelled", "cancelled", "notice confirmed" },
	[SUBSCRIPTION_RESUMED] = { "kept",      "kept",      "notice taken back" },
	[SUBSCRIPTION_UNDONE]  = { "reversed",  "reversed",  "reversed" },
};
/* clang-format on */

/* A mail carries at most this many subscriptions: a list a person still reads. */
#define LETTER_ITEMS 500

static const Stmt MARK = {
	.name = "subscription_letter.mark",
	.sql =
	    "INSERT INTO subscription_letter (subscription_id, k, what, created_at)"
	    " VALUES ($1, $2, $3, $4) ON CONFLICT (subscription_id, k, what) DO NOTHING",
};
static const Stmt MAIL_IS = {
	.name = "subscription_letter.mail_is",
	.sql = "UPDATE subscription_letter SET mail_id = $4"
	       " WHERE subscription_id = $1 AND k = $2 AND what = $3",
};

/* Whoever got the ticket: the customer, in the name of its reseller; or the party that
 * ordered for itself, in the vendor's. */
static const Stmt READER = {
	.name = "subscription.reader",
	.sql =
	    "SELECT coalesce(o.deliver_email, CASE WHEN o.deliver_to = 'customer' AND "
	    "c.id"
	    " IS NOT NULL THEN c.email ELSE p.email END),"
	    " CASE WHEN o.deliver_to = 'customer' AND c.id IS NOT NULL"
	    "  THEN coalesce(c.name, c.company) ELSE p.name END,"
	    " coalesce(CASE WHEN o.deliver_to = 'customer' THEN c.language END, "
	    "p.language),"
	    " CASE WHEN o.deliver_to = 'customer' AND c.id IS NOT NULL THEN p.brand END,"
	    " p.name, p.email, o.number, o.id, coalesce(h.company, h.name)"
	    " FROM licence l JOIN order_line ol ON ol.id = l.order_line_id"
	    " JOIN orders o ON o.id = ol.order_id JOIN party p ON p.id = l.party_id"
	    " LEFT JOIN party c ON c.id = o.customer_id"
	    " LEFT JOIN party h ON h.id = l.holder_id WHERE l.id = $1",
};

typedef struct Item {
	int64_t id; /* of the subscription */
	int k;
	char *what;
} Item;

/* One mail to be. */
typedef struct Mail {
	SubscriptionEvent event;
	char *to;
	char *name;
	char *language;
	char *brand;
	char *brand_name;
	char *brand_email;
	int64_t order_id; /* of the first */
	json_t *list;
	GArray *items;
} Mail;

struct SubscriptionLetters {
	const IssueContext *issue;
	GPtrArray *mails;
};

static void
item_clear(gpointer data)
{
	g_free(((Item *)data)->what);
}

static void
mail_free(gpointer data)
{
	Mail *mail = data;

	g_free(mail->to);
	g_free(mail->name);
	g_free(mail->language);
	g_free(mail->brand);
	g_free(mail->brand_name);
	g_free(mail->brand_email);
	json_decref(mail->list);
	g_array_unref(mail->items);
	g_free(mail);
}

SubscriptionLetters *
subscription_letters_new(const IssueContext *issue)
{
	SubscriptionLetters *letters = g_new0(SubscriptionLetters, 1);

	letters->issue = issue;
	letters->mails = g_ptr_array_new_with_free_func(mail_free);
	return letters;
}

void
subscription_letters_free(SubscriptionLetters *letters)
{
	if (letters == NULL)
		return;
	g_ptr_array_unref(letters->mails);
	g_free(letters);
}

static char *
what_of(SubscriptionEvent event, const char *about)
{
	return about != NULL ? g_strconcat(events[event].name, "/", about, NULL)
			     : g_strdup(events[event].name);
}

/* 1: this is the first time.  0: it was told, or marked, before. */
static int
mark(DbTx *tx, const Subscription *s, const char *what, GError **error)
{
	int64_t changed;

	if (!db_exec(tx->db, &MARK,
		DB_ARGS(v_int(s->id), v_int(s->k), v_text(what), v_int(clock_now_at())),
		&changed, error))
		return -1;
	return changed == 1;
}

/* The mail of this event to the reader in `rows` that has room left. */
static Mail *
mail_for(SubscriptionLetters *letters, SubscriptionEvent event, const DbRows *rows)
{
	const char *to = db_col_text(rows, 0);
	Mail *mail;

	for (guint i = letters->mails->len; i-- > 0;) {
		mail = g_ptr_array_index(letters->mails, i);
		if (mail->event == event && strcmp(mail->to, to) == 0 &&
		    g_strcmp0(mail->brand, db_col_text(rows, 3)) == 0 &&
		    mail->items->len < LETTER_ITEMS)
			return mail;
	}
	mail = g_new0(Mail, 1);
	mail->event = event;
	mail->to = g_strdup(to);
	mail->name = g_strdup(db_col_text(rows, 1));
	mail->language =
	    g_strdup(db_col_text(rows, 2) != NULL ? db_col_text(rows, 2)
						  : letters->issue->language);
	mail->brand = g_strdup(db_col_text(rows, 3));
	mail->brand_name = g_strdup(db_col_text(rows, 4));
	mail->brand_email = g_strdup(db_col_text(rows, 5));
	mail->order_id = db_col_int(rows, 7);
	mail->list = json_array();
	mail->items = g_array_new(FALSE, FALSE, sizeof(Item));
	g_array_set_clear_func(mail->items, item_clear);
	g_ptr_array_add(letters->mails, mail);
	return mail;
}

static void
put_day(json_t *object, const char *key, Day day, Day none, const char *language)
{
	g_autofree char *text = NULL;

	if (day_cmp(day, none) == 0)
		return;
	text = day_format_people(day, language);
	json_object_set_new(object, key, json_string(text));
}

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static json_t *
item_json(const Subscription *s, const Product *product, const Mail *mail, Day deadline,
    const DbRows *rows)
{
	json_t *object = json_object();
	g_autofree char *masked = g_strconcat("*****-...-", s->ticket_tail, NULL);

	put(object, "product", product_name(product, mail->language));
	put(object, "masked", masked);
	put(object, "order", db_col_text(rows, 6));
	put(object, "holder", db_col_text(rows, 8));
	put_day(object, "last_day_text", s->last_day, DAY_MAX, mail->language);
	put_day(object, "end_day_text", s->end_day, DAY_MAX, mail->language);
	put_day(object, "deadline_text", deadline, DAY_MIN, mail->language);
	if (s->quantity > 1)
		json_object_set_new(object, "seats", json_integer(s->quantity));
	return object;
}

int
subscription_letters_add(DbTx *tx, SubscriptionLetters *letters, const Subscription *s,
    SubscriptionEvent event, const char *about, Day deadline, GError **error)
{
	g_autofree char *what = what_of(event, about);
	g_autoptr(Product) product = NULL;
	g_autoptr(DbRows) rows = NULL;
	Item item = { .id = s->id, .k = s->k };
	Mail *mail;
	int more = mark(tx, s, what, error);

	if (more <= 0)
		return more;
	product = product_get(tx->db, s->product_id, error);
	rows = db_query(tx->db, &READER, DB_ARGS(v_int(s->licence_id)), error);
	if (product == NULL || rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	if (db_col_text(rows, 0) == NULL)
		return 1;
	mail = mail_for(letters, event, rows);
	json_array_append_new(mail->list, item_json(s, product, mail, deadline, rows));
	item.what = g_steal_pointer(&what);
	g_array_append_val(mail->items, item);
	return 1;
}

bool
subscription_letters_skip(DbTx *tx, const Subscription *s, SubscriptionEvent event,
    const char *about, GError **error)
{
	g_autofree char *what = what_of(event, about);

	return mark(tx, s, what, error) >= 0;
}

static json_t *
mail_context(const SubscriptionLetters *letters, const Mail *mail)
{
	json_t *context = letter_context(letters->issue, mail->name);
	json_t *first = json_array_get(mail->list, 0);

	if (mail->brand != NULL) {
		json_t *brand = json_object();

		put(brand, "name", mail->brand_name);
		put(brand, "email", mail->brand_email);
		json_object_set_new(context, "brand", brand);
	}
	json_object_set_new(context, events[mail->event].flag, json_true());
	json_object_set(context, "subscriptions", mail->list);
	if (mail->items->len == 1)
		json_object_set(context, "product", json_object_get(first, "product"));
	else
		json_object_set_new(
		    context, "how_many", json_integer((json_int_t)mail->items->len));
	return context;
}

static bool
send(DbTx *tx, const SubscriptionLetters *letters, const Mail *mail, GError **error)
{
	const Item *first = &g_array_index(mail->items, Item, 0);
	json_t *context = mail_context(letters, mail);
	g_autofree char *key = g_strdup_printf(
	    "subscription/%" G_GINT64_FORMAT "/%d/%s", first->id, first->k, first->what);
	g_autofree char *subject = g_strdup_printf("subscription%s %s",
	    mail->items->len > 1 ? "s" : "", events[mail->event].subject);
	Letter letter = {
		.text = "subscription",
		.context = context,
		.to_email = mail->to,
		.to_name = mail->name,
		.language = mail->language,
		.brand = mail->brand,
		.subject = subject,
		.key = key,
		.recurring = mail->event == SUBSCRIPTION_RENEWS ||
			     mail->event == SUBSCRIPTION_ENDS,
		.order_id = mail->items->len == 1 ? mail->order_id : 0,
	};
	int64_t id = 0;
	int planned = mail_letter_plan(tx, &letter, &id, error);

	json_decref(context);
	if (planned < 0)
		return false;
	for (guint i = 0; planned == 1 && i < mail->items->len; i++) {
		const Item *item = &g_array_index(mail->items, Item, i);

		if (!db_exec(tx->db, &MAIL_IS,
			DB_ARGS(v_int(item->id), v_int(item->k), v_text(item->what),
			    v_int(id)),
			NULL, error))
			return false;
	}
	return true;
}

bool
subscription_letters_send(DbTx *tx, SubscriptionLetters *letters, GError **error)
{
	for (guint i = 0; i < letters->mails->len; i++)
		if (!send(tx, letters, g_ptr_array_index(letters->mails, i), error))
			return false;
	g_ptr_array_set_size(letters->mails, 0);
	return true;
}

bool
subscription_letter(DbTx *tx, const IssueContext *issue, const Subscription *s,
    SubscriptionEvent event, const char *about, Day deadline, GError **error)
{
	g_autoptr(SubscriptionLetters) letters = subscription_letters_new(issue);

	return subscription_letters_add(tx, letters, s, event, about, deadline, error) >=
		   0 &&
	       subscription_letters_send(tx, letters, error);
}
