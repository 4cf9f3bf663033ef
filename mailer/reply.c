/*
 * reply.c - read a reply byte by byte; one table says what each means.
 */
#include "mailer/reply.h"

#include <string.h>

static const char *const outcome_names[] = {
	[MAIL_SENT] = "sent",
	[MAIL_TEMPFAIL] = "tempfail",
	[MAIL_PERMFAIL] = "permfail",
	[MAIL_UNCERTAIN] = "uncertain",
};

static const char *const scope_names[] = {
	[MAIL_SCOPE_MESSAGE] = "message",
	[MAIL_SCOPE_RECIPIENT] = "recipient",
	[MAIL_SCOPE_DOMAIN] = "domain",
	[MAIL_SCOPE_ROUTE] = "route",
};

static const char *const phase_names[] = {
	[MAIL_PHASE_CONNECT] = "connect",
	[MAIL_PHASE_BANNER] = "banner",
	[MAIL_PHASE_EHLO] = "ehlo",
	[MAIL_PHASE_TLS] = "tls",
	[MAIL_PHASE_AUTH] = "auth",
	[MAIL_PHASE_MAIL] = "mail",
	[MAIL_PHASE_RCPT] = "rcpt",
	[MAIL_PHASE_DATA] = "data",
	[MAIL_PHASE_BODY] = "body",
	[MAIL_PHASE_DOT] = "dot",
	[MAIL_PHASE_DONE] = "done",
};

const char *
mail_outcome_name(MailOutcome outcome)
{
	return outcome_names[outcome];
}

const char *
mail_scope_name(MailScope scope)
{
	return scope_names[scope];
}

const char *
mail_phase_name(MailPhase phase)
{
	return phase_names[phase];
}

/* One to three digits; RFC 3463 2: subject and detail are 0 to 999. */
static int
read_number(const char **p, int *ret)
{
	int n = 0;

	*ret = 0;
	for (; n < 3 && g_ascii_isdigit(**p); n++, (*p)++)
		*ret = *ret * 10 + (**p - '0');
	return n > 0 && !g_ascii_isdigit(**p);
}

int
ecode_parse(const char *text, EnhancedCode *ret, size_t *ret_length)
{
	const char *p = text + 2;
	EnhancedCode code = { 0 };

	if ((*text != '2' && *text != '4' && *text != '5') || text[1] != '.')
		return 0;
	code.class = *text - '0';
	if (!read_number(&p, &code.subject) || *p++ != '.' ||
	    !read_number(&p, &code.detail) || (*p != '\0' && *p != ' '))
		return 0;
	*ret = code;
	*ret_length = (size_t)(p - text);
	return 1;
}

void
reply_init(Reply *reply)
{
	*reply = (Reply){ 0 };
}

static void
keep(Reply *reply, char c)
{
	if (reply->text_length < sizeof(reply->text) - 1)
		reply->text[reply->text_length++] = c;
}

static void
keep_text(Reply *reply, unsigned char c)
{
	if (c == '\t' || c == '\0')
		c = ' ';
	if (c == ' ' &&
	    (reply->text_length == 0 || reply->text[reply->text_length - 1] == ' '))
		return;
	keep(reply, c < 0x20 || c == 0x7f ? '?' : (char)c);
}

/* Whole UTF-8 characters only, and none that a terminal would obey. */
static void
finish_text(Reply *reply)
{
	g_autofree char *valid = NULL;
	size_t length = 0;

	while (reply->text_length > 0 && reply->text[reply->text_length - 1] == ' ')
		reply->text_length--;
	reply->text[reply->text_length] = '\0';
	if (g_str_is_ascii(reply->text))
		return;
	valid = g_utf8_make_valid(reply->text, (gssize)reply->text_length);
	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		size_t n = (size_t)(g_utf8_next_char(p) - p);

		if (length + n >= sizeof(reply->text))
			break;
		if (g_unichar_isprint(c)) {
			memcpy(reply->text + length, p, n);
			length += n;
		} else {
			reply->text[length++] = '?';
		}
	}
	reply->text_length = length;
	reply->text[length] = '\0';
}

static void
end_line(Reply *reply)
{
	bool good = reply->line_bytes >= 3 && reply->line_code >= 100 &&
		    (reply->separator == ' ' || reply->separator == '-' ||
			reply->separator == '\0');

	if (!good || (reply->first_line_done && reply->code != reply->line_code))
		reply->code = 0;
	else if (!reply->first_line_done)
		reply->code = reply->line_code;
	reply->first_line_done = true;
	if (!good || reply->separator != '-')
		reply->complete = true;
	else
		keep_text(reply, ' ');
	reply->line_bytes = 0;
	reply->line_code = 0;
	reply->separator = '\0';
}

static void
feed_byte(Reply *reply, unsigned char c)
{
	if (c == '\n') {
		end_line(reply);
		return;
	}
	if (c == '\r')
		return;
	if (reply->line_bytes < 3) {
		/* A line that does not begin with three digits is text without a code. */
		if (reply->line_code >= 0 && g_ascii_isdigit(c))
			reply->line_code = reply->line_code * 10 + (c - '0');
		else
			reply->line_code = -1;
		if (reply->line_code < 0)
			keep_text(reply, c);
	} else if (reply->line_bytes == 3) {
		reply->separator = (char)c;
		if (c != ' ' && c != '-')
			keep_text(reply, c);
	} else {
		keep_text(reply, c);
	}
	/* Stays an int however long the line is. */
	if (reply->line_bytes < 4)
		reply->line_bytes++;
}

bool
reply_feed(Reply *reply, const char *bytes, size_t length, size_t *ret_used)
{
	size_t i = 0;
	EnhancedCode ecode;
	size_t n = 0;

	while (i < length && !reply->complete) {
		feed_byte(reply, (unsigned char)bytes[i++]);
		if (++reply->bytes > LIMIT_MAIL_REPLY_STREAM_BYTES) {
			reply->code = 0;
			reply->complete = true;
		}
	}
	*ret_used = i;
	if (reply->complete) {
		finish_text(reply);
		if (ecode_parse(reply->text, &ecode, &n) == 1 &&
		    ecode.class == reply->code / 100)
			reply->ecode = ecode;
	}
	return reply->complete;
}

void
reply_from_text(Reply *reply, const char *text)
{
	reply_init(reply);
	for (const char *p = text; *p != '\0'; p++)
		keep_text(reply, (unsigned char)*p);
	finish_text(reply);
	reply->complete = true;
}

/* ---- meaning ---- */

enum { ANY = -1 };

/*
 * First match counts.  A range of phases, a range of codes, an enhanced subject and range
 * of details, words in the text (lower case, '|' between them), and what it means.
 */
typedef struct Rule {
	MailPhase from, to;
	int low, high;
	int subject, detail_low, detail_high;
	const char *words;
	MailOutcome outcome;
	MailScope scope;
} Rule;

#define PH(a, b) MAIL_PHASE_##a, MAIL_PHASE_##b
#define TEMP(s) MAIL_TEMPFAIL, MAIL_SCOPE_##s
#define PERM(s) MAIL_PERMFAIL, MAIL_SCOPE_##s

/* Large providers put these words where the code says less (5.7.1, 5.7.0 or none). */
#define SENDER_WORDS                                                                     \
	"dmarc|unauthenticated|sender policy|spf|dkim|blocklist|blacklist|block "        \
	"list|poor reputation"

/* clang-format off */
static const Rule rules[] = {
	/* phases          codes      enhanced          words         outcome */
	{ PH(DOT, DONE),   200, 299,  ANY, ANY, ANY,    NULL,         MAIL_SENT, MAIL_SCOPE_MESSAGE },
	/* Anything before MAIL is between the server and us, whatever the code. */
	{ PH(CONNECT, AUTH), 0, 999,  ANY, ANY, ANY,    NULL,         TEMP(ROUTE) },
	/* RFC 5321 3.8: the server is going away. */
	{ PH(MAIL, DOT),   421, 421,  ANY, ANY, ANY,    NULL,         TEMP(ROUTE) },
	/* RFC 4954 6 and RFC 3207 4: log in first, encrypt first. */
	{ PH(MAIL, RCPT),  530, 530,  ANY, ANY, ANY,    NULL,         TEMP(ROUTE) },
	{ PH(MAIL, RCPT),  534, 535,  ANY, ANY, ANY,    NULL,         TEMP(ROUTE) },
	{ PH(MAIL, RCPT),  538, 538,  ANY, ANY, ANY,    NULL,         TEMP(ROUTE) },
	/* RFC 7372 and the providers: the domain wants SPF, DKIM, DMARC or PTR mended. */
	{ PH(MAIL, DOT),   500, 599,  7, 9, 9,          NULL,         TEMP(DOMAIN) },
	{ PH(MAIL, DOT),   500, 599,  7, 20, 30,        NULL,         TEMP(DOMAIN) },
	{ PH(MAIL, DOT),   500, 599,  7, 515, 515,      NULL,         TEMP(DOMAIN) },
	{ PH(MAIL, DOT),   500, 599,  7, 0, 1,          SENDER_WORDS, TEMP(DOMAIN) },
	{ PH(MAIL, DOT),   553, 554,  ANY, ANY, ANY,    SENDER_WORDS, TEMP(DOMAIN) },
	{ PH(RCPT, RCPT),  400, 499,  ANY, ANY, ANY,    NULL,         TEMP(RECIPIENT) },
	{ PH(RCPT, RCPT),  500, 599,  ANY, ANY, ANY,    NULL,         PERM(RECIPIENT) },
	{ PH(MAIL, DOT),   400, 499,  ANY, ANY, ANY,    NULL,         TEMP(MESSAGE) },
	{ PH(MAIL, DOT),   500, 599,  ANY, ANY, ANY,    NULL,         PERM(MESSAGE) },
	/* Nothing, or nothing we understand. */
	{ PH(MAIL, BODY),  0, 999,    ANY, ANY, ANY,    NULL,         TEMP(MESSAGE) },
	{ PH(DOT, DONE),   0, 999,    ANY, ANY, ANY,    NULL,         MAIL_UNCERTAIN, MAIL_SCOPE_MESSAGE },
};
/* clang-format on */

static bool
has_words(const char *text, const char *words)
{
	g_autofree char *lower = NULL;
	g_auto(GStrv) list = NULL;

	if (words == NULL)
		return true;
	lower = g_ascii_strdown(text, -1);
	list = g_strsplit(words, "|", -1);
	for (int i = 0; list[i] != NULL; i++) {
		if (strstr(lower, list[i]) != NULL)
			return true;
	}
	return false;
}

void
reply_classify(MailPhase phase, int code, EnhancedCode ecode, const char *text,
    MailOutcome *ret_outcome, MailScope *ret_scope)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		const Rule *r = &rules[i];

		if (phase < r->from || phase > r->to || code < r->low || code > r->high)
			continue;
		if (r->subject != ANY &&
		    (ecode.class == 0 || ecode.subject != r->subject ||
			ecode.detail < r->detail_low || ecode.detail > r->detail_high))
			continue;
		if (!has_words(text, r->words))
			continue;
		*ret_outcome = r->outcome;
		*ret_scope = r->scope;
		return;
	}
	BUG("no rule for reply %d in phase %s", code, mail_phase_name(phase));
}
