/*
 * read_edifact.c - ORDERS and ORDCHG of directory D.96A, and of those that kept its
 * segments.
 *
 * Who is who: NAD+BY orders.  The customer is UD (ultimate customer), or else UC
 * (ultimate consignee), or else DP (delivery party), unless that is the buyer.
 *
 * Message function 1225 of BGM decides what is done, and 7 (duplicate) and 31 (copy)
 * never issue anything: E_COPY, and the domain may still find that the order is known.
 */
#include <string.h>

#include "fulfill/intake/edifact.h"
#include "fulfill/intake/found.h"
#include "fulfill/intake/read.h"
#include "fulfill/intake/value.h"
#include "queue/quote.h"

/* ---- tables ---- */

/* clang-format off */
/* 1225, message function. */
static const struct {
	const char *code;
	OrderKind kind;   /* of ORDERS; ORDCHG changes unless it cancels */
	bool copy;
} functions[] = {
	{ "",   ORDER_NEW,     false },
	{ "9",  ORDER_NEW,     false }, /* original */
	{ "1",  ORDER_CANCEL,  false },
	{ "4",  ORDER_CHANGE,  false },
	{ "5",  ORDER_REPLACE, false },
	{ "17", ORDER_CANCEL,  false }, /* cancel, to be reissued: the new one comes by itself */
	{ "7",  ORDER_NEW,     true },  /* duplicate */
	{ "31", ORDER_NEW,     true },  /* copy */
};

/* 1001 of ORDERS: documents that ask for something to be delivered now. */
static const char *const order_types[] = { "", "105", "220", "224", "226", "227" };

/* 3035, best last party first: see found_give(). */
enum { BUYER, USER_UD, USER_UC, USER_DP, PARTIES };
static const char *const qualifiers[PARTIES] = {
	[BUYER] = "BY", [USER_UD] = "UD", [USER_UC] = "UC", [USER_DP] = "DP",
};
/* clang-format on */

typedef struct Message {
	Build build;
	bool change;   /* ORDCHG */
	bool in_lines; /* behind the first LIN */
	bool given;    /* parties were handed over */
	Found party[PARTIES];
	Found
	    *nad; /* the one that CTA and COM belong to; NULL: one that does not matter */
	char *reference;  /* RFF+ON: of ORDCHG, the order's number */
	bool has_product; /* of the line */
	int items;
	int64_t quantity;
} Message;

static void
message_clear(Message *m)
{
	build_clear(&m->build);
	for (int i = 0; i < PARTIES; i++)
		found_clear(&m->party[i]);
	g_free(m->reference);
	*m = (Message){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Message, message_clear)

static void
give(Message *m, const char *field, const char *text)
{
	build_text(&m->build, field, text, strlen(text));
}

static bool
is_one_of(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

/* ---- head ---- */

static void
read_bgm(Message *m, const EdiSegment *s)
{
	const char *function = edi_get(s, 3, 1);
	g_autofree char *shown = NULL;

	if (!m->change)
		give(m, "order", edi_get(s, 2, 1));
	if (!m->change &&
	    !is_one_of(edi_get(s, 1, 1), order_types, G_N_ELEMENTS(order_types))) {
		shown = quote(edi_get(s, 1, 1));
		build_error(&m->build, E_FORMAT, "kind",
		    "document type 1001 '%s' is not that of an order to be carried out",
		    shown);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
		if (strcmp(functions[i].code, function) == 0) {
			OrderKind kind = functions[i].kind;

			if (m->change && kind == ORDER_NEW)
				kind = ORDER_CHANGE;
			give(m, "kind", order_kind_name(kind));
			if (functions[i].copy)
				build_error(&m->build, E_COPY, "kind",
				    "message function 1225 '%s' says that this is a copy",
				    function);
			return;
		}
	shown = quote(function);
	build_error(&m->build, E_FORMAT, "kind",
	    "message function 1225 '%s' is not one that is carried out", shown);
}

/* 2379: how a date is written. */
static void
read_dtm(Message *m, const EdiSegment *s)
{
	const char *text = edi_get(s, 1, 2);
	const char *format = edi_get(s, 1, 3);
	g_autofree char *century = NULL;

	if (m->in_lines || strcmp(edi_get(s, 1, 1), "137") != 0)
		return;
	if (strcmp(format, "101") == 0 && strlen(text) == 6)
		text = century = g_strconcat("20", text, NULL);
	if (strlen(text) >= 8 && strspn(text, "0123456789") == strlen(text)) {
		char day[9];

		g_strlcpy(day, text, sizeof(day));
		give(m, "ordered_on", day);
	} else {
		give(m, "ordered_on", text);
	}
}

static void
read_rff(Message *m, const EdiSegment *s)
{
	if (m->in_lines)
		return;
	if (strcmp(edi_get(s, 1, 1), "ON") == 0 && m->reference == NULL)
		m->reference = g_strdup(edi_get(s, 1, 2));
	else if (strcmp(edi_get(s, 1, 1), "CR") == 0)
		give(m, "reference", edi_get(s, 1, 2));
}

/* Joins the components of an element: a name is cut into pieces of 35 characters. */
static char *
joined(const EdiSegment *s, int element, int first, int last)
{
	GString *text = g_string_new(NULL);

	for (int i = first; i <= last; i++) {
		const char *piece = edi_get(s, element, i);

		if (*piece != '\0')
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? " " : "", piece);
	}
	return g_string_free(text, FALSE);
}

static void
read_nad(Message *m, const EdiSegment *s)
{
	Found *found = NULL;

	for (int i = 0; i < PARTIES; i++)
		if (strcmp(edi_get(s, 1, 1), qualifiers[i]) == 0)
			found = &m->party[i];
	m->nad = m->in_lines ? NULL : found;
	if (m->nad == NULL)
		return;
	found_take(&found->id, g_strdup(edi_get(s, 2, 1)));
	if (*edi_get(s, 4, 1) != '\0') {
		found_take(&found->company, joined(s, 4, 1, 5));
		for (int i = 1; i <= 4; i++)
			found_take_line(found, g_strdup(edi_get(s, 5, i)));
	} else { /* unstructured: the name and then lines as they are printed */
		found_take(&found->company, g_strdup(edi_get(s, 3, 1)));
		for (int i = 2; i <= 5; i++)
			found_take_line(found, g_strdup(edi_get(s, 3, i)));
		for (int i = 1; i <= 4; i++)
			found_take_line(found, g_strdup(edi_get(s, 5, i)));
	}
	found_take(&found->city, g_strdup(edi_get(s, 6, 1)));
	found_take(&found->region, g_strdup(edi_get(s, 7, 1)));
	found_take(&found->postcode, g_strdup(edi_get(s, 8, 1)));
	found_take(&found->country, g_strdup(edi_get(s, 9, 1)));
}

static void
read_cta(Message *m, const EdiSegment *s)
{
	if (m->nad != NULL)
		found_take(&m->nad->name, g_strdup(edi_get(s, 2, 2)));
}

static void
read_com(Message *m, const EdiSegment *s)
{
	for (int i = 1; i <= s->elements; i++)
		if (m->nad != NULL && strcmp(edi_get(s, i, 2), "EM") == 0)
			found_take(&m->nad->email, g_strdup(edi_get(s, i, 1)));
}

/* The head is over: a line or the end of the lines has come. */
static void
end_head(Message *m)
{
	const Found *const users[] = { &m->party[USER_UD], &m->party[USER_UC],
		&m->party[USER_DP] };

	if (m->given)
		return;
	m->given = true;
	m->nad = NULL;
	if (m->change && m->reference != NULL)
		give(m, "order", m->reference);
	build_at(&m->build, NULL);
	found_give(&m->build, &m->party[BUYER], users, G_N_ELEMENTS(users));
}

/* ---- lines ---- */

/* 7143 SA: the supplier's article number, which is our SKU.  Another number will do when
 * there is none, but for the buyer's own (BP, IN). */
static void
take_product(Message *m, const char *number, const char *type)
{
	bool ours = strcmp(type, "SA") == 0;

	if (m->build.line == NULL || *number == '\0' || m->has_product ||
	    strcmp(type, "BP") == 0 || strcmp(type, "IN") == 0 ||
	    (!ours && m->build.line->product != NULL))
		return;
	m->has_product = ours;
	build_line_text(&m->build, "product", number, strlen(number));
}

/* 1229 of ORDCHG: 2 takes the line away. */
static void
read_lin(Message *m, const EdiSegment *s)
{
	const char *id = edi_get(s, 1, 1);
	g_autofree char *place = g_strdup_printf("segment %d", s->number);

	end_head(m);
	build_order(&m->build);
	build_at(&m->build, "segment %d (LIN)", s->number);
	m->in_lines = true;
	m->items++;
	m->has_product = false;
	if (!build_line(&m->build, id, strlen(id), place))
		return;
	take_product(m, edi_get(s, 3, 1), edi_get(s, 3, 2));
	if (m->change && strcmp(edi_get(s, 2, 1), "2") == 0)
		build_quantity(&m->build, "0", 1);
}

static void
read_pia(Message *m, const EdiSegment *s)
{
	for (int i = 2; i <= s->elements; i++)
		take_product(m, edi_get(s, i, 1), edi_get(s, i, 2));
}

static void
read_qty(Message *m, const EdiSegment *s, char mark)
{
	const char *amount = edi_get(s, 1, 2);

	/* 21 ordered; 1 discrete, in messages that know no better */
	if (m->build.line == NULL ||
	    (strcmp(edi_get(s, 1, 1), "21") != 0 && strcmp(edi_get(s, 1, 1), "1") != 0))
		return;
	if (m->build.quantity_given && m->build.line->quantity == 0 && m->change)
		return; /* taken away by LIN: how many there were does not matter */
	found_give_amount(&m->build, amount, mark, edi_get(s, 1, 3));
	m->quantity += m->build.line->quantity;
}

static void
read_uns(Message *m, const EdiSegment *s)
{
	(void)s;
	end_head(m);
	build_order(&m->build);
	m->in_lines = true; /* what follows is the summary, not the head */
}

/* 6069: 1 sum of quantities, 2 number of lines. */
static void
read_cnt(Message *m, const EdiSegment *s, char mark)
{
	const char *what = edi_get(s, 1, 1);
	const char *text = edi_get(s, 1, 2);
	bool lines = strcmp(what, "2") == 0;
	int64_t counted = lines ? m->items : m->quantity;
	g_autofree char *whole = g_strdup(text);
	char *point = strchr(whole, mark);
	int64_t said;

	/* A quantity that was refused is not in the sum. */
	if ((!lines && strcmp(what, "1") != 0) || m->build.draft->errors->len > 0)
		return;
	if (point != NULL)
		*point = '\0';
	if (!value_whole(whole, strlen(whole), &said) || said != counted) {
		g_autofree char *shown = quote(text);

		build_error(&m->build, E_TOTAL, lines ? "lines" : "quantity",
		    "CNT says '%s', counted are %d", shown, (int)counted);
	}
}

static const char *const line_tags[] = { "LIN", "PIA", "QTY", "CNT" };

static void
read_segment(Message *m, const EdiSegment *s, char mark)
{
	/* clang-format off */
	static const struct {
		const char *tag;
		void (*read)(Message *, const EdiSegment *);
		void (*read_number)(Message *, const EdiSegment *, char mark);
	} tags[] = {
		{ "BGM", read_bgm, NULL },
		{ "DTM", read_dtm, NULL },
		{ "RFF", read_rff, NULL },
		{ "NAD", read_nad, NULL },
		{ "CTA", read_cta, NULL },
		{ "COM", read_com, NULL },
		{ "LIN", read_lin, NULL },
		{ "PIA", read_pia, NULL },
		{ "QTY", NULL, read_qty },
		{ "UNS", read_uns, NULL },
		{ "CNT", NULL, read_cnt },
	};
	/* clang-format on */
	/* A cancellation is of the whole order, whatever lines it repeats. */
	if (m->build.draft->kind == ORDER_CANCEL &&
	    is_one_of(s->tag, line_tags, G_N_ELEMENTS(line_tags)))
		return;
	build_at(&m->build, "segment %d (%s)", s->number, s->tag);
	for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
		if (strcmp(tags[i].tag, s->tag) == 0) {
			if (tags[i].read != NULL)
				tags[i].read(m, s);
			else
				tags[i].read_number(m, s, mark);
			return;
		}
}

/* ---- the interchange ---- */

static bool
begin_message(
    Message *m, const EdiSegment *s, const IntakeHint *hint, bool test, GError **error)
{
	const char *type = edi_get(s, 2, 1);
	g_autofree char *place = g_strdup_printf("segment %d", s->number);

	message_clear(m);
	m->change = strcmp(type, "ORDCHG") == 0;
	if (!m->change && strcmp(type, "ORDERS") != 0) {
		g_autofree char *shown = quote(type);

		return order_error_set(error, E_FORMAT,
		    "line %d: message '%s' is neither ORDERS nor ORDCHG", s->line, shown);
	}
	build_begin(&m->build, hint, place);
	m->build.lax_days = true;
	build_at(&m->build, "segment %d (UNH)", s->number);
	if (test)
		build_error(
		    &m->build, E_TEST, NULL, "UNB marks the interchange as a test");
	return true;
}

/* Who sent the interchange, and to whom: for the answer, so as it is written. */
typedef struct Route {
	char *sender;
	char *recipient;
} Route;

static void
route_clear(Route *route)
{
	g_clear_pointer(&route->sender, g_free);
	g_clear_pointer(&route->recipient, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Route, route_clear)

#define ROUTE_PARTS 3
#define ROUTE_CHARS 35

static char *
route_text(const EdiSegment *s, int element)
{
	GString *text = g_string_new(NULL);
	int last = ROUTE_PARTS;

	while (last > 1 && *edi_get(s, element, last) == '\0')
		last--;
	for (int i = 1; i <= last; i++) {
		const char *p = edi_get(s, element, i);

		if (i > 1)
			g_string_append_c(text, ':');
		for (int n = 0; *p != '\0' && n < ROUTE_CHARS; n++) {
			gunichar c = g_utf8_get_char(p);

			if (c < 0x80 && strchr("'+:?", (int)c) != NULL)
				g_string_append_c(text, '?');
			if (!g_unichar_iscntrl(c))
				g_string_append_unichar(text, c);
			p = g_utf8_next_char(p);
		}
	}
	return g_string_free(text, FALSE);
}

static void
read_unb(Route *route, const EdiSegment *s)
{
	route_clear(route);
	route->sender = route_text(s, 2);
	route->recipient = route_text(s, 3);
}

static OrderDraft *
end_message(Message *m, const Route *route)
{
	OrderDraft *draft;

	end_head(m);
	build_order(&m->build);
	draft = build_end(&m->build);
	draft->edi_sender = g_strdup(route->sender);
	draft->edi_recipient = g_strdup(route->recipient);
	return draft;
}

bool
read_edifact(
    const char *text, size_t size, const IntakeHint *hint, ReadOut *out, GError **error)
{
	g_autoptr(Edi) edi = edi_open(text, size, error);
	g_auto(Message) m = { 0 };
	g_auto(Route) route = { 0 };
	EdiSegment s;
	bool test = false;
	int found;

	if (edi == NULL)
		return false;
	while ((found = edi_next(edi, &s, error)) == 1) {
		if (strcmp(s.tag, "UNB") == 0) {
			test = strcmp(edi_get(&s, 11, 1), "1") == 0;
			read_unb(&route, &s);
		} else if (strcmp(s.tag, "UNH") == 0) {
			if (!begin_message(&m, &s, hint, test, error))
				return false;
		} else if (strcmp(s.tag, "UNT") == 0) {
			if (!read_add(out, end_message(&m, &route), error))
				return false;
		} else if (m.build.draft != NULL) {
			read_segment(&m, &s, edi_decimal_mark(edi));
		}
	}
	if (found == 0 && out->orders->len == 0)
		return order_error_set(error, E_FORMAT, "the interchange has no message");
	return found == 0;
}
