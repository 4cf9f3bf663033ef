/*
 * authres.c - reads Authentication-Results and judges by the four rules of the header.
 */
#include "mailer/authres.h"

#include <string.h>

#include "mailer/addr.h"
#include "queue/limits.h"

/* clang-format off */
static const struct {
	const char *name;
	const char *text;
} whys[] = {
	[AUTHRES_PROVED]       = { "proved", "our mail server vouches for the sender" },
	[AUTHRES_NO_FIELD]     = { "no_field", "no Authentication-Results field of our mail server: does it check DKIM and DMARC?" },
	[AUTHRES_NO_RECEIVED]  = { "no_received", "no Received field of our mail server: is its name configured?" },
	[AUTHRES_NOT_ABOVE]    = { "not_above", "the Authentication-Results field came with the mail and is worth nothing" },
	[AUTHRES_BROKEN]       = { "broken", "the Authentication-Results field of our mail server cannot be read" },
	[AUTHRES_NO_FROM]      = { "no_from", "there is no From field with an address" },
	[AUTHRES_MANY_FROM]    = { "many_from", "there is more than one From field or address" },
	[AUTHRES_NOT_PASSED]   = { "not_passed", "neither DMARC nor DKIM passed" },
	[AUTHRES_OTHER_DOMAIN] = { "other_domain", "what passed is another domain than that of the From address" },
};
/* clang-format on */

const char *
authres_why_name(AuthresWhy why)
{
	return whys[why].name;
}

const char *
authres_why_text(AuthresWhy why)
{
	return whys[why].text;
}

/* ---- reading ---- */

/* CFWS of RFC 5322 3.2.2: blanks and comments. */
static const char *
skip_cfws(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (*at == '\\' && depth > 0 && at[1] != '\0')
			at++;
		else if (depth == 0 && !g_ascii_isspace(*at))
			break;
	}
	return at;
}

/* A token up to one of `ends`, or a quoted string.  NULL: there is none. */
static const char *
read_token(const char *at, const char *ends, GString *out)
{
	g_string_truncate(out, 0);
	if (*at == '"') {
		for (at++; *at != '\0' && *at != '"'; at++) {
			if (*at == '\\' && at[1] != '\0')
				at++;
			g_string_append_c(out, *at);
		}
		return *at == '"' ? at + 1 : NULL;
	}
	while (*at != '\0' && !g_ascii_isspace(*at) && strchr(ends, *at) == NULL)
		g_string_append_c(out, *at++);
	return out->len == 0 ? NULL : at;
}

/* `name = value` with CFWS anywhere; NULL: it is none. */
static const char *
read_pair(const char *at, GString *name, GString *value)
{
	at = read_token(at, "=;(\"", name);
	if (at == NULL)
		return NULL;
	at = skip_cfws(at);
	if (*at != '=')
		return NULL;
	return read_token(skip_cfws(at + 1), ";(", value);
}

static void
result_clear(void *p)
{
	AuthResult *result = p;

	for (size_t i = 0; i < result->n_props; i++) {
		g_free(result->props[i].name);
		g_free(result->props[i].value);
	}
	g_free(result->props);
	g_free(result->method);
	g_free(result->result);
}

static void
prop_add(AuthResult *result, const char *name, const char *value)
{
	if (result->n_props >= LIMIT_AUTHRES_PROPERTIES)
		return;
	result->props = g_renew(DecodedParam, result->props, result->n_props + 1);
	result->props[result->n_props++] = (DecodedParam){
		.name = g_ascii_strdown(name, -1),
		.value = g_utf8_make_valid(value, -1),
	};
}

/* One resinfo, behind its ';'.  1: added.  0: "none", or nothing.  -1: broken. */
static int
read_result(const char **at, GArray *rows, GString *name, GString *value)
{
	AuthResult result = { 0 };
	const char *next;

	*at = skip_cfws(*at);
	if (**at == '\0' || **at == ';')
		return 0;
	next = read_pair(*at, name, value);
	if (next == NULL) {
		next = read_token(*at, "=;(\"", name);
		if (next == NULL || g_ascii_strcasecmp(name->str, "none") != 0)
			return -1;
		*at = skip_cfws(next);
		return **at == '\0' || **at == ';' ? 0 : -1;
	}
	/* "dkim/1=pass": the version of the method. */
	result.method = g_ascii_strdown(name->str, (gssize)strcspn(name->str, "/"));
	result.result = g_ascii_strdown(value->str, -1);
	for (*at = skip_cfws(next); **at != '\0' && **at != ';'; *at = skip_cfws(next)) {
		next = read_pair(*at, name, value);
		if (next == NULL) {
			result_clear(&result);
			return -1;
		}
		prop_add(&result, name->str, value->str);
	}
	g_array_append_val(rows, result);
	return 1;
}

AuthResults *
authres_parse(const char *value, GError **error)
{
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(AuthResult));
	g_autoptr(AuthResults) results = g_new0(AuthResults, 1);
	const char *at = read_token(skip_cfws(value), ";(", name);
	gsize n;

	g_array_set_clear_func(rows, result_clear);
	if (at == NULL) {
		err_set(error, TP_ERROR_INVALID, "no authserv-id");
		return NULL;
	}
	results->authserv_id = g_utf8_make_valid(name->str, -1);
	at = skip_cfws(at);
	if (g_ascii_isdigit(*at)) /* the version of the format */
		at = skip_cfws(at + strspn(at, "0123456789"));
	while (*at == ';') {
		at++;
		if (read_result(&at, rows, name, text) < 0)
			break;
		if (rows->len > LIMIT_AUTHRES_RESULTS) {
			err_set(error, TP_ERROR_INVALID, "more than %d results",
			    LIMIT_AUTHRES_RESULTS);
			return NULL;
		}
	}
	if (*at != '\0') {
		err_set(error, TP_ERROR_INVALID, "cannot read the result at byte %zu",
		    (size_t)(at - value));
		return NULL;
	}
	results->rows = (AuthResult *)(void *)g_array_steal(rows, &n);
	results->n_rows = n;
	return g_steal_pointer(&results);
}

void
auth_results_free(AuthResults *results)
{
	if (results == NULL)
		return;
	for (size_t i = 0; i < results->n_rows; i++)
		result_clear(&results->rows[i]);
	g_free(results->rows);
	g_free(results->authserv_id);
	g_free(results);
}

const char *
auth_result_find(const AuthResult *result, const char *name)
{
	for (size_t i = 0; i < result->n_props; i++)
		if (strcmp(result->props[i].name, name) == 0)
			return result->props[i].value;
	return NULL;
}

/* ---- judging ---- */

/* The authserv-id alone: a field whose rest is broken is still the topmost one. */
static bool
has_our_id(const char *value, const char *authserv_id)
{
	g_autoptr(GString) id = g_string_new(NULL);

	return read_token(skip_cfws(value), ";(", id) != NULL &&
	       g_ascii_strcasecmp(id->str, authserv_id) == 0;
}

/*
 * Did our MX write this Received field?  "by MX" anywhere in it is enough.  Taking the
 * field apart would let the sender hide it: the HELO name stands in front, may hold
 * blanks with some servers, and may be "x (" or "by".  Fields that are wrongly taken for
 * ours only make the rule stricter, since the first counts.
 */
static bool
is_own_received(const char *value, const char *mx)
{
	size_t n = strlen(mx);

	for (const char *at = value; (at = strcasestr(at, "by")) != NULL; at += 2) {
		const char *host = at + 2 + strspn(at + 2, " \t");

		if (host == at + 2 || (at > value && !g_ascii_isspace(at[-1])))
			continue;
		if (g_ascii_strncasecmp(host, mx, n) == 0 &&
		    strchr(" \t;(", host[n]) != NULL) /* the end, too */
			return true;
	}
	return false;
}

/* The field to believe, or NULL and *ret_why. */
static const char *
field_find(const ParsedHeaders *headers, const AuthresSelf *self, AuthresWhy *ret_why)
{
	const char *mx = self->mx != NULL ? self->mx : self->authserv_id;
	int hops = MAX(self->own_hops, 1);
	const char *field = NULL;
	const char *any = NULL;

	for (size_t i = 0; i < headers->n && hops > 0; i++) {
		const ParsedHeader *header = &headers->rows[i];

		if (g_ascii_strcasecmp(header->name, "Received") == 0)
			hops -= is_own_received(header->value, mx);
		else if (field == NULL &&
			 g_ascii_strcasecmp(header->name, "Authentication-Results") ==
			     0 &&
			 has_our_id(header->value, self->authserv_id))
			field = header->value;
	}
	for (size_t i = 0; i < headers->n && any == NULL; i++)
		if (g_ascii_strcasecmp(headers->rows[i].name, "Authentication-Results") ==
			0 &&
		    has_our_id(headers->rows[i].value, self->authserv_id))
			any = headers->rows[i].value;
	if (hops > 0)
		*ret_why = any == NULL ? AUTHRES_NO_FIELD : AUTHRES_NO_RECEIVED;
	else
		*ret_why = any == NULL ? AUTHRES_NO_FIELD : AUTHRES_NOT_ABOVE;
	return hops > 0 ? NULL : field;
}

/* Is `domain`, as the field has it, the domain of the sender? */
static bool
same_domain(const char *domain, const char *sender_domain)
{
	g_autofree char *normal = domain == NULL ? NULL : addr_domain(domain, NULL);

	return normal != NULL && strcmp(normal, sender_domain) == 0;
}

static AuthresWhy
judge(const AuthResults *results, const char *domain, const char **ret_method)
{
	AuthresWhy why = AUTHRES_NOT_PASSED;

	for (size_t i = 0; i < results->n_rows; i++) {
		const AuthResult *row = &results->rows[i];
		bool dmarc = strcmp(row->method, "dmarc") == 0;
		bool dkim = strcmp(row->method, "dkim") == 0;

		if ((!dmarc && !dkim) || strcmp(row->result, "pass") != 0)
			continue;
		if (same_domain(auth_result_find(row, dmarc ? "header.from" : "header.d"),
			domain)) {
			*ret_method = dmarc ? "dmarc" : "dkim";
			return AUTHRES_PROVED;
		}
		why = AUTHRES_OTHER_DOMAIN;
	}
	return why;
}

AuthresVerdict *
authres_check(const ParsedMail *mail, const AuthresSelf *self)
{
	AuthresVerdict *verdict = g_new0(AuthresVerdict, 1);
	g_autoptr(AuthResults) results = NULL;
	g_autoptr(MailAddr) sender = NULL;
	const char *field;

	if (mail->n_from_fields > 1 || mail->from.n > 1) {
		verdict->why = AUTHRES_MANY_FROM;
		return verdict;
	}
	if (mail->from.n == 1 && mail->from.rows[0].address != NULL)
		sender = addr_parse(mail->from.rows[0].address, -1, NULL);
	if (sender == NULL) {
		verdict->why = AUTHRES_NO_FROM;
		return verdict;
	}
	verdict->sender = addr_format(sender);
	field = field_find(parsed_mail_headers(mail), self, &verdict->why);
	if (field == NULL)
		return verdict;
	results = authres_parse(field, NULL);
	verdict->why = results == NULL ? AUTHRES_BROKEN
				       : judge(results, sender->domain, &verdict->method);
	return verdict;
}

void
authres_verdict_free(AuthresVerdict *verdict)
{
	if (verdict == NULL)
		return;
	g_free(verdict->sender);
	g_free(verdict);
}
