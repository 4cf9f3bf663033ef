/*
 * datev.c - postings gathered by party, product and side.
 */
#include "fulfill/domain/datev.h"

#include <string.h>

#define COLUMNS 125
#define TEXT_CHARS 60                    /* Buchungstext */
#define DOCUMENT_CHARS 36                /* Belegfeld 1 */
#define AMOUNT_MAX INT64_C(999999999999) /* cents: ten digits before the comma */

typedef enum Field { /* columns that we fill, counted from 0 */
	AMOUNT = 0,
	SIDE = 1,
	CURRENCY = 2,
	ACCOUNT = 6,
	COUNTER = 7,
	TAX_KEY = 8,
	DATE = 9,
	DOCUMENT = 10,
	TEXT = 13,
	LOCKED = 113,
	SERVICE_DATE = 114,
} Field;

typedef struct Posting {
	char *party;
	char *sku;
	char *account;
	bool credit;
	int64_t minor; /* above 0 */
} Posting;

struct Datev {
	const DatevConfig *config;
	Day month;
	const char *invoice;
	GHashTable *accounts; /* party -> account */
	GPtrArray *postings;  /* in the order in which they came up */
	GHashTable *by_key;   /* "party\nsku\nside" -> Posting */
};

static void
posting_free(gpointer data)
{
	Posting *posting = data;

	g_free(posting->party);
	g_free(posting->sku);
	g_free(posting->account);
	g_free(posting);
}

static bool
is_number(const char *text, size_t least, size_t most)
{
	size_t n = text != NULL ? strlen(text) : 0;

	return n >= least && n <= most && strspn(text, "0123456789") == n;
}

static bool
read_debtors(Datev *datev, GError **error)
{
	g_auto(GStrv) pairs = g_strsplit(
	    datev->config->debtors != NULL ? datev->config->debtors : "", ",", -1);
	size_t digits = (size_t)datev->config->account_length + 1;

	for (char **p = pairs; *p != NULL; p++) {
		char *equal = strchr(*p, '=');

		if (equal == NULL || !is_number(g_strstrip(equal + 1), digits, digits))
			return err_set(error, TP_ERROR_CONFIG,
			    "[datev] debtors: '%s' is not PARTY=ACCOUNT with an account "
			    "of %zu digits",
			    *p, digits);
		*equal = '\0';
		g_hash_table_insert(datev->accounts, g_strdup(g_strstrip(*p)),
		    g_strdup(g_strstrip(equal + 1)));
	}
	return true;
}

static bool
check(const DatevConfig *c, GError **error)
{
	const char *key = NULL;

	if (c->consultant < 1001 || c->consultant > 9999999)
		key = "consultant must be a number from 1001 to 9999999";
	else if (c->client < 1 || c->client > 99999)
		key = "client must be a number from 1 to 99999";
	else if (c->year_begins < 1 || c->year_begins > 12)
		key = "year_begins must be a month from 1 to 12";
	else if (c->account_length < 4 || c->account_length > 8)
		key = "account_length must be 4 to 8";
	else if (!is_number(
		     c->revenue, (size_t)c->account_length, (size_t)c->account_length))
		key = "revenue must be a ledger account of account_length digits";
	else if (c->tax_key != NULL && !is_number(c->tax_key, 1, 4))
		key = "tax_key must be of 1 to 4 digits";
	return key == NULL || err_set(error, TP_ERROR_CONFIG, "[datev] %s", key);
}

Datev *
datev_new(const DatevConfig *config, Day month, const char *invoice, GError **error)
{
	g_autoptr(Datev) datev = NULL;

	if (!check(config, error))
		return NULL;
	datev = g_new0(Datev, 1);
	datev->config = config;
	datev->month = day_month_first(month);
	datev->invoice = invoice;
	datev->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	datev->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	datev->postings = g_ptr_array_new_with_free_func(posting_free);
	return read_debtors(datev, error) ? g_steal_pointer(&datev) : NULL;
}

void
datev_free(Datev *datev)
{
	if (datev == NULL)
		return;
	g_hash_table_unref(datev->accounts);
	g_hash_table_unref(datev->by_key);
	g_ptr_array_unref(datev->postings);
	g_free(datev);
}

/* The place of a column of the statement. */
static int
place_of(const char *key)
{
	const Report *report = report_get(REPORT_STATEMENT);

	for (int i = 0; i < report->n; i++)
		if (strcmp(report->columns[i].key, key) == 0)
			return i;
	BUG("statement has no column %s", key);
}

bool
datev_row(void *user, const ReportCell *cells, GError **error)
{
	Datev *datev = user;
	const char *party = cells[place_of("party")].text;
	const char *sku = cells[place_of("sku")].text;
	const ReportCell *amount = &cells[place_of("amount")];
	bool credit = amount->number < 0;
	g_autofree char *key = g_strdup_printf("%s\n%s\n%d", party, sku, credit);
	Posting *posting = g_hash_table_lookup(datev->by_key, key);
	const char *account = g_hash_table_lookup(datev->accounts, party);

	if (g_strcmp0(amount->text, "EUR") != 0)
		return err_set(error, TP_ERROR_INVALID,
		    "a DATEV batch here is in EUR, and party '%s' has amounts in %s",
		    party, amount->text);
	if (account == NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "[datev] debtors has no account for party '%s': add %s=NUMBER", party,
		    party);
	if (posting == NULL) {
		posting = g_new0(Posting, 1);
		posting->party = g_strdup(party);
		posting->sku = g_strdup(sku);
		posting->account = g_strdup(account);
		posting->credit = credit;
		g_ptr_array_add(datev->postings, posting);
		g_hash_table_insert(datev->by_key, g_steal_pointer(&key), posting);
	}
	posting->minor += credit ? -amount->number : amount->number;
	return true;
}

/* ---- the file ---- */

/* In CP1252: transliterated, then '?'. */
static void
put_narrow(GString *out, const char *text)
{
	gsize size = 0;
	g_autofree char *narrow =
	    g_convert(text, -1, "CP1252//TRANSLIT", "UTF-8", NULL, &size, NULL);

	if (narrow == NULL)
		narrow = g_convert_with_fallback(
		    text, -1, "CP1252", "UTF-8", "?", NULL, &size, NULL);
	if (narrow != NULL)
		g_string_append_len(out, narrow, (gssize)size);
}

/* Quoted, quotes doubled, control characters left out, at most `chars` characters. */
static void
put_quoted(GString *out, const char *text, glong chars)
{
	g_autoptr(GString) clean = g_string_new("\"");

	for (const char *p = text; *p != '\0' && chars-- > 0; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (g_unichar_iscntrl(c))
			continue;
		if (c == '"')
			g_string_append_c(clean, '"');
		g_string_append_unichar(clean, c);
	}
	g_string_append_c(clean, '"');
	put_narrow(out, clean->str);
}

/* Belegfeld 1 takes letters, digits and $ & % * + - / only. */
static char *
document_of(const Datev *datev, const Posting *posting)
{
	char month[DAY_CHARS];
	char *text;

	day_format(datev->month, month);
	month[7] = '\0';
	text = datev->invoice != NULL ? g_strdup(datev->invoice)
				      : g_strdup_printf("%s-%s", posting->party, month);
	for (char *p = text; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("$&%*+-/", *p) == NULL)
			*p = '-';
	if (strlen(text) > DOCUMENT_CHARS)
		text[DOCUMENT_CHARS] = '\0';
	return text;
}

static void
put_header(const Datev *datev, int64_t made_at, GString *out)
{
	const DatevConfig *c = datev->config;
	Ymd from = day_ymd(datev->month);
	Ymd to = day_ymd(day_month_last(datev->month));
	int year = from.month >= c->year_begins ? from.year : from.year - 1;
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(made_at / 1000000);
	g_autofree char *stamp = g_date_time_format(made, "%Y%m%d%H%M%S");

	g_string_append_printf(out,
	    "\"EXTF\";700;21;\"Buchungsstapel\";13;%s%03d;;\"RE\";\"\";\"\";"
	    "%" G_GINT64_FORMAT ";%" G_GINT64_FORMAT
	    ";%04d%02d01;%d;%04d%02d01;%04d%02d%02d;\"Lizenzen "
	    "%04d-%02d\";\"\";1;0;0;\"EUR\";;\"\";;;\"\";;;\"\";\"\"\r\n",
	    stamp, (int)(made_at / 1000 % 1000), c->consultant, c->client, year,
	    c->year_begins, c->account_length, from.year, from.month, to.year, to.month,
	    to.day, from.year, from.month);
}

static void
put_headings(GString *out)
{
	static const struct {
		const char *heading;
		const char *second;
		int times;
	} columns[] = {
#define COLUMN(heading, second, times) { heading, second, times },
#include "fulfill/domain/datev.def"
#undef COLUMN
	};
	g_autoptr(GString) line = g_string_new("");

	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
		for (int n = 1; n <= columns[i].times; n++) {
			if (columns[i].second == NULL)
				g_string_append_printf(line, "%s;", columns[i].heading);
			else
				g_string_append_printf(line, "%s%d;%s%d;",
				    columns[i].heading, n, columns[i].second, n);
		}
	g_string_truncate(line, line->len - 1);
	put_narrow(out, line->str);
	g_string_append(out, "\r\n");
}

static void
put_posting(const Datev *datev, const Posting *posting, GString *out)
{
	Ymd to = day_ymd(day_month_last(datev->month));
	g_autofree char *document = document_of(datev, posting);
	g_autofree char *text = g_strdup_printf(
	    "Lizenzen %04d-%02d %s %s", to.year, to.month, posting->party, posting->sku);

	for (int i = 0; i < COLUMNS; i++) {
		switch ((Field)i) {
		case AMOUNT:
			g_string_append_printf(out, "%" G_GINT64_FORMAT ",%02d",
			    posting->minor / 100, (int)(posting->minor % 100));
			break;
		case SIDE:
			g_string_append(out, posting->credit ? "\"H\"" : "\"S\"");
			break;
		case CURRENCY:
			g_string_append(out, "\"EUR\"");
			break;
		case ACCOUNT:
			g_string_append(out, posting->account);
			break;
		case COUNTER:
			g_string_append(out, datev->config->revenue);
			break;
		case TAX_KEY:
			if (datev->config->tax_key != NULL)
				put_quoted(out, datev->config->tax_key, 4);
			break;
		case DATE:
			g_string_append_printf(out, "%02d%02d", to.day, to.month);
			break;
		case DOCUMENT:
			put_quoted(out, document, DOCUMENT_CHARS);
			break;
		case TEXT:
			put_quoted(out, text, TEXT_CHARS);
			break;
		case LOCKED:
			g_string_append_c(out, '0');
			break;
		case SERVICE_DATE:
			g_string_append_printf(
			    out, "%02d%02d%04d", to.day, to.month, to.year);
			break;
		default:
			break;
		}
		g_string_append(out, i + 1 < COLUMNS ? ";" : "\r\n");
	}
}

bool
datev_write(Datev *datev, int64_t made_at, GString *out, GError **error)
{
	put_header(datev, made_at, out);
	put_headings(out);
	for (guint i = 0; i < datev->postings->len; i++) {
		const Posting *posting = g_ptr_array_index(datev->postings, i);

		if (posting->minor > AMOUNT_MAX)
			return err_set(error, TP_ERROR_INVALID,
			    "the amount of party '%s' has more than ten digits",
			    posting->party);
		if (posting->minor > 0)
			put_posting(datev, posting, out);
	}
	return true;
}
