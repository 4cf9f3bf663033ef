/*
 * parse_addr.c - the values of From, To, Date and Message-ID.
 *
 * An address is taken apart before words are decoded, never after: the sender of
 * `=?utf-8?q?good=40example=2Eorg=3E?= <bad@example.net>` is bad@example.net.
 */
#include "mailer/parse_private.h"

#include <string.h>

#include "queue/limits.h"

/* What has been read of one list element. */
typedef struct Mailbox {
	GString *phrase; /* words outside < > and comments, quotes taken off */
	GString *bare;   /* the same with quotes, blanks only where they separate atoms */
	GString *angle;  /* inside < > */
	GString *comment; /* text of comments */
	GString *pending; /* elements without any address: the "Last," of "Last, First
			     <a@b>" */
	bool has_angle;
	bool blank;
} Mailbox;

static void
mailbox_reset(Mailbox *m)
{
	g_string_truncate(m->phrase, 0);
	g_string_truncate(m->bare, 0);
	g_string_truncate(m->angle, 0);
	g_string_truncate(m->comment, 0);
	m->has_angle = false;
	m->blank = false;
}

/* local@domain with one '@' outside quotes, no blank or control character. */
static bool
is_address(const char *text)
{
	const char *domain = NULL;
	bool quoted = false;

	for (const char *at = text; *at != '\0'; at++) {
		if ((uint8_t)*at < 0x20 || *at == 0x7f || (*at == ' ' && !quoted))
			return false;
		if (*at == '\\' && quoted && at[1] != '\0')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '@' && !quoted) {
			if (domain != NULL)
				return false;
			domain = at + 1;
		} else if (!quoted && strchr("<>(),;", *at) != NULL) {
			return false;
		}
	}
	return domain != NULL && domain > text + 1 && *domain != '\0' && !quoted &&
	       strlen(text) <= 2 * LIMIT_EMAIL_BYTES && g_utf8_validate(text, -1, NULL);
}

/* The address in < >, without the route of RFC 5322 4.4 ("@a,@b:user@c"). */
static const char *
without_route(const char *angle)
{
	const char *colon = *angle == '@' ? strchr(angle, ':') : NULL;

	return colon == NULL ? angle : colon + 1;
}

static bool
mailbox_end(Mailbox *m, ParsedAddresses *ret, GError **error)
{
	const char *spec = m->has_angle ? without_route(m->angle->str) : m->bare->str;
	g_autoptr(GString) name = NULL;
	ParsedAddress *row;

	if (!m->has_angle && m->bare->len == 0) { /* ",," or the end of a list */
		mailbox_reset(m);
		return true;
	}
	if (!m->has_angle && strchr(m->bare->str, '@') == NULL) {
		/* No address at all: the first half of a name with a comma, most likely.
		 */
		g_string_append_printf(m->pending, "%s, ", m->phrase->str);
		mailbox_reset(m);
		return true;
	}
	if (m->has_angle && *spec == '\0' && m->phrase->len == 0) { /* the null sender */
		mailbox_reset(m);
		return true;
	}
	if (ret->n >= LIMIT_INTAKE_ADDRESSES)
		return err_set(error, TP_ERROR_INVALID,
		    "more than %d addresses in a field", LIMIT_INTAKE_ADDRESSES);
	name = g_string_new(m->pending->str);
	if (m->has_angle)
		g_string_append(name, m->phrase->str);
	if (name->len == 0)
		g_string_append(name, m->comment->str);
	ret->rows = g_renew(ParsedAddress, ret->rows, ret->n + 1);
	row = &ret->rows[ret->n++];
	row->name = parse_words(name->str);
	row->address = is_address(spec) ? g_strdup(spec) : NULL;
	g_string_truncate(m->pending, 0);
	mailbox_reset(m);
	return true;
}

/* Reads a comment whose '(' is at `at`; NULL: too deep, error is set. */
static const char *
read_comment(const char *at, GString *out, GError **error)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(' && ++depth > LIMIT_INTAKE_COMMENT_DEPTH) {
			err_set(error, TP_ERROR_INVALID,
			    "comments are nested deeper than %d",
			    LIMIT_INTAKE_COMMENT_DEPTH);
			return NULL;
		}
		if (*at == ')' && --depth == 0)
			return at + 1;
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '(' && depth == 1)
			continue;
		g_string_append_c(out, *at);
	}
	return at;
}

static const char *
read_quoted(const char *at, Mailbox *m)
{
	g_string_append_c(m->bare, '"');
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0') {
			g_string_append_c(m->bare, '\\');
			at++;
		}
		g_string_append_c(m->bare, *at);
		g_string_append_c(m->phrase, *at);
	}
	g_string_append_c(m->bare, '"');
	return *at == '"' ? at + 1 : at;
}

/* Reads what stands in < >, blanks outside quotes removed (obsolete, harmless). */
static const char *
read_angle(const char *at, Mailbox *m)
{
	bool quoted = false;

	m->has_angle = true;
	for (at++; *at != '\0' && (quoted || *at != '>'); at++) {
		if (*at == '\\' && quoted && at[1] != '\0')
			g_string_append_c(m->angle, *at++);
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == ' ' || *at == '\t'))
			continue;
		g_string_append_c(m->angle, *at);
	}
	return *at == '>' ? at + 1 : at;
}

/* A byte outside quotes, comments and < >. */
static void
mailbox_char(Mailbox *m, char c)
{
	if (c == ' ' || c == '\t') {
		m->blank = true;
		return;
	}
	if (m->blank && m->phrase->len > 0)
		g_string_append_c(m->phrase, ' ');
	/* "ada @ example . org" is one address (RFC 5322 4.4), "ada example" is none. */
	if (m->blank && m->bare->len > 0 && strchr(".@", c) == NULL &&
	    strchr(".@", m->bare->str[m->bare->len - 1]) == NULL)
		g_string_append_c(m->bare, ' ');
	m->blank = false;
	g_string_append_c(m->phrase, c);
	g_string_append_c(m->bare, c);
}

static bool
read_list(const char *at, Mailbox *m, ParsedAddresses *ret, GError **error)
{
	while (*at != '\0') {
		switch (*at) {
		case '(':
			at = read_comment(at, m->comment, error);
			if (at == NULL)
				return false;
			break;
		case '"':
			if (m->blank && m->phrase->len > 0)
				g_string_append_c(m->phrase, ' ');
			m->blank = false;
			at = read_quoted(at, m);
			break;
		case '<':
			/* A second address in one element makes neither of them sure. */
			if (m->has_angle && !mailbox_end(m, ret, error))
				return false;
			at = read_angle(at, m);
			break;
		case ':':
			/* "undisclosed-recipients:;", "Team: a@b, c@d;" - or an address
			 * in disguise ("mailto:a@b"), for which the same holds. */
			if (!m->has_angle && strchr(m->bare->str, '@') == NULL) {
				mailbox_reset(m);
				at++;
				break;
			}
			mailbox_char(m, *at++);
			break;
		case ',':
		case ';':
			if (!mailbox_end(m, ret, error))
				return false;
			at++;
			break;
		default:
			mailbox_char(m, *at++);
			break;
		}
	}
	return mailbox_end(m, ret, error);
}

bool
parse_addresses(const char *value, ParsedAddresses *ret, GError **error)
{
	g_autoptr(GString) phrase = g_string_new(NULL);
	g_autoptr(GString) bare = g_string_new(NULL);
	g_autoptr(GString) angle = g_string_new(NULL);
	g_autoptr(GString) comment = g_string_new(NULL);
	g_autoptr(GString) pending = g_string_new(NULL);
	Mailbox m = {
		.phrase = phrase,
		.bare = bare,
		.angle = angle,
		.comment = comment,
		.pending = pending,
	};

	if (!read_list(value, &m, ret, error))
		return false;
	if (pending->len > 2) { /* a name that no address followed */
		g_string_truncate(pending, pending->len - 2);
		ret->rows = g_renew(ParsedAddress, ret->rows, ret->n + 1);
		ret->rows[ret->n++] = (ParsedAddress){
			.name = parse_words(pending->str),
			.address = NULL,
		};
	}
	return true;
}

void
parsed_addresses_clear(ParsedAddresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		g_free(addresses->rows[i].name);
		g_free(addresses->rows[i].address);
	}
	g_free(addresses->rows);
	*addresses = (ParsedAddresses){ 0 };
}

char **
parse_msgids(const char *value)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	const char *at = value;

	while (ids->len < 100 && (at = strchr(at, '<')) != NULL) {
		size_t n = strcspn(at + 1, "<> \t");

		if (at[1 + n] == '>' && n > 0)
			g_ptr_array_add(ids, g_strndup(at + 1, n));
		at += 1 + n;
	}
	if (ids->len == 0) {
		const char *start = value + strspn(value, " \t");
		size_t n = strcspn(start, " \t<>");

		if (n > 0)
			g_ptr_array_add(ids, g_strndup(start, n));
	}
	g_ptr_array_add(ids, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&ids), FALSE);
}
