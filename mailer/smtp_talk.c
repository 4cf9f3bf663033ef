/*
 * smtp_talk.c - MAIL, RCPT, DATA, body, dot.
 */
#include "mailer/smtp_talk.h"

#include <inttypes.h>
#include <string.h>

#include "queue/fault.h"

void
smtp_offers_read(SmtpOffers *offers, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \r\n", 3);
	const char *word = words[0] == NULL ? "" : words[0];

	if (g_ascii_strcasecmp(word, "PIPELINING") == 0) {
		offers->pipelining = true;
	} else if (g_ascii_strcasecmp(word, "8BITMIME") == 0) {
		offers->eight_bit = true;
	} else if (g_ascii_strcasecmp(word, "SMTPUTF8") == 0) {
		offers->smtputf8 = true;
	} else if (g_ascii_strcasecmp(word, "DSN") == 0) {
		offers->dsn = true;
	} else if (g_ascii_strcasecmp(word, "SIZE") == 0) {
		guint64 limit = 0;

		offers->size = true;
		if (words[1] != NULL &&
		    g_ascii_string_to_unsigned(words[1], 10, 0, INT64_MAX, &limit, NULL))
			offers->size_bytes = (int64_t)limit;
	}
}

void
smtp_talk_init(SmtpTalk *talk)
{
	*talk = (SmtpTalk){ .out = g_string_sized_new(1024) };
}

void
smtp_talk_done(SmtpTalk *talk)
{
	if (talk->out != NULL)
		g_string_free(talk->out, TRUE);
	talk->out = NULL;
}

void
smtp_talk_connected(SmtpTalk *talk)
{
	talk->needs_reset = false;
}

static void
end(SmtpTalk *talk, bool usable)
{
	talk->over = true;
	talk->usable = usable;
	g_string_truncate(talk->out, 0);
	talk->out_sent = 0;
}

/* The reply that decides: the first bad one of a group, or the one to the dot. */
static void
decide(SmtpTalk *talk, MailPhase phase, const Reply *reply)
{
	talk->failed = true;
	talk->phase = phase;
	talk->reply = *reply;
	reply_classify(
	    phase, reply->code, reply->ecode, reply->text, &talk->outcome, &talk->scope);
	if (talk->outcome == MAIL_SENT)
		talk->phase = MAIL_PHASE_DONE;
}

/* Refused by ourselves, before anything was said. */
static void
refuse(SmtpTalk *talk, MailScope scope, EnhancedCode ecode, const char *why)
{
	reply_from_text(&talk->reply, why);
	talk->reply.ecode = ecode;
	talk->outcome = MAIL_PERMFAIL;
	talk->scope = scope;
	end(talk, true);
}

static bool
is_ascii(const char *bytes, size_t length)
{
	uint64_t word = 0;
	uint64_t seen = 0;

	for (; length >= sizeof(word); length -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		seen |= word;
	}
	for (; length > 0; length--, bytes++)
		seen |= (unsigned char)*bytes;
	return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* RFC 3461 4: printable ASCII without '+' and '=', the rest as +XX. */
static void
put_xtext(GString *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > 32 && c < 127 && c != '+' && c != '=')
			g_string_append_c(out, (char)c);
		else
			g_string_append_printf(out, "+%02X", c);
	}
}

static void
put_mail(SmtpTalk *talk, const SmtpOffers *offers, bool utf8)
{
	GString *out = talk->out;

	g_string_append_printf(out, "MAIL FROM:<%s>", talk->mail.from);
	if (offers->size)
		g_string_append_printf(out, " SIZE=%" G_GSIZE_FORMAT, talk->mail.length);
	if (utf8)
		g_string_append(out, " BODY=8BITMIME SMTPUTF8");
	/* RET=HDRS: a bounce that travels back must not carry the licence code. */
	if (offers->dsn) {
		g_string_append(out, " RET=HDRS");
		if (talk->mail.envid != NULL) {
			g_string_append(out, " ENVID=");
			put_xtext(out, talk->mail.envid);
		}
	}
	g_string_append(out, "\r\n");
}

static void
put_rcpt(SmtpTalk *talk, const SmtpOffers *offers, bool utf8)
{
	GString *out = talk->out;

	g_string_append_printf(out, "RCPT TO:<%s>", talk->mail.to);
	if (offers->dsn) {
		g_string_append(out,
		    *talk->mail.from == '\0' ? " NOTIFY=NEVER" : " NOTIFY=FAILURE,DELAY");
		if (!utf8) {
			g_string_append(out, " ORCPT=rfc822;");
			put_xtext(out, talk->mail.to);
		}
	}
	g_string_append(out, "\r\n");
}

static void
await(SmtpTalk *talk, MailPhase phase)
{
	talk->awaited[talk->n_awaited++] = phase;
}

void
smtp_talk_begin(SmtpTalk *talk, const SmtpEnvelope *mail, const SmtpOffers *offers)
{
	bool utf8 = !is_ascii(mail->to, strlen(mail->to)) ||
		    !is_ascii(mail->from, strlen(mail->from)) ||
		    !is_ascii(mail->bytes, mail->length);

	talk->over = false;
	talk->usable = false;
	talk->heard = false;
	talk->failed = false;
	talk->phase = MAIL_PHASE_MAIL;
	talk->mail = *mail;
	talk->pipelining = offers->pipelining;
	talk->dot_at = SIZE_MAX;
	talk->body_taken = 0;
	talk->line_start = true;
	talk->n_awaited = 0;
	talk->asked = 0;
	talk->out_sent = 0;
	g_string_truncate(talk->out, 0);
	reply_init(&talk->incoming);
	if (utf8 && !(offers->smtputf8 && offers->eight_bit)) {
		refuse(talk, MAIL_SCOPE_RECIPIENT, (EnhancedCode){ 5, 6, 7 },
		    "the message needs SMTPUTF8, which the server does not offer");
		return;
	}
	if (offers->size_bytes > 0 && mail->length > (uint64_t)offers->size_bytes) {
		refuse(talk, MAIL_SCOPE_MESSAGE, (EnhancedCode){ 5, 3, 4 },
		    "the message is larger than the server takes");
		return;
	}
	if (talk->needs_reset) {
		g_string_append(talk->out, "RSET\r\n");
		await(talk, MAIL_PHASE_EHLO);
	}
	put_mail(talk, offers, utf8);
	await(talk, MAIL_PHASE_MAIL);
	put_rcpt(talk, offers, utf8);
	await(talk, MAIL_PHASE_RCPT);
	g_string_append(talk->out, "DATA\r\n");
	await(talk, MAIL_PHASE_DATA);
	talk->needs_reset = true;
	talk->phase = talk->awaited[0];
	FAULT("smtp.envelope");
}

/* The next dot that begins a line, not counting the first byte.  Dots are rare in what we
 * send, so this is three times cheaper than to look for CRLF and dot together. */
static const char *
find_line_dot(const char *from, size_t length)
{
	const char *end = from + length;
	const char *dot = length < 3 ? NULL : memchr(from + 2, '.', length - 2);

	while (dot != NULL && (dot[-1] != '\n' || dot[-2] != '\r'))
		dot = memchr(dot + 1, '.', (size_t)(end - dot - 1));
	return dot;
}

/*
 * RFC 5321 4.5.2: a line that begins with a dot gets a second one.  What mime_compose()
 * made has none; others may.  The last chunk ends with the final dot.
 */
static void
fill_body(SmtpTalk *talk)
{
	const char *from = talk->mail.bytes + talk->body_taken;
	const char *const all = talk->mail.bytes + talk->mail.length;

	g_string_truncate(talk->out, 0);
	talk->out_sent = 0;
	while (from < all && talk->out->len < SMTP_CHUNK_BYTES) {
		size_t most =
		    MIN((size_t)(all - from), SMTP_CHUNK_BYTES - talk->out->len);
		const char *stop = find_line_dot(from, most);
		size_t n = stop == NULL ? most : (size_t)(stop - from);

		/* Never between CR and LF: the dot behind them would not be seen. */
		if (from[n - 1] == '\r' && from + n < all)
			n++;
		if (talk->line_start && *from == '.')
			g_string_append_c(talk->out, '.');
		g_string_append_len(talk->out, from, (gssize)n);
		from += n;
		talk->line_start =
		    from - talk->mail.bytes >= 2 && from[-2] == '\r' && from[-1] == '\n';
	}
	talk->body_taken = (size_t)(from - talk->mail.bytes);
	if (from < all)
		return;
	if (!talk->line_start)
		g_string_append(talk->out, "\r\n");
	talk->dot_at = talk->out->len;
	g_string_append(talk->out, ".\r\n");
	FAULT("smtp.dot");
}

size_t
smtp_talk_pending(SmtpTalk *talk, const char **ret_bytes)
{
	size_t end_at = talk->out->len;

	if (talk->over)
		return 0;
	if (talk->phase == MAIL_PHASE_BODY && talk->out_sent == talk->out->len &&
	    talk->dot_at == SIZE_MAX) {
		fill_body(talk);
		end_at = talk->out->len;
	}
	/* Without PIPELINING one command at a time: `asked` of them may have left. */
	if (talk->phase < MAIL_PHASE_BODY && !talk->pipelining) {
		const char *p = talk->out->str;

		for (int i = 0; i <= talk->asked; i++)
			p = strchr(p, '\n') + 1;
		end_at = (size_t)(p - talk->out->str);
	}
	*ret_bytes = talk->out->str + talk->out_sent;
	return end_at - talk->out_sent;
}

void
smtp_talk_sent(SmtpTalk *talk, size_t length)
{
	talk->out_sent += length;
	if (talk->phase == MAIL_PHASE_BODY && talk->out_sent > talk->dot_at) {
		talk->phase = MAIL_PHASE_DOT;
		FAULT("smtp.dotted");
	}
}

static bool
is_wanted(MailPhase phase, int code)
{
	return phase == MAIL_PHASE_DATA ? code == 354 : code >= 200 && code <= 299;
}

static int
commands_sent(const SmtpTalk *talk)
{
	int n = 0;

	for (size_t i = 0; i < talk->out_sent; i++)
		n += talk->out->str[i] == '\n';
	return n;
}

/* A reply to one of the commands before the body. */
static void
take_command_reply(SmtpTalk *talk)
{
	bool early = talk->asked >= commands_sent(talk);
	MailPhase phase = talk->awaited[talk->asked++];
	bool last = talk->asked == talk->n_awaited;
	bool wanted = false;

	/* An answer to what was not asked yet: whoever speaks is out of step. */
	if (early)
		talk->incoming.code = 0;
	wanted = is_wanted(phase, talk->incoming.code);
	if (!wanted && !talk->failed)
		decide(talk, phase, &talk->incoming);
	if (!talk->failed) {
		talk->phase = last ? MAIL_PHASE_BODY : talk->awaited[talk->asked];
		return;
	}
	/* What is neither yes nor no leaves nobody sure which reply belongs to what. */
	if (!wanted && (talk->incoming.code < 400 || talk->incoming.code > 599 ||
			   talk->incoming.code == 421 || phase == MAIL_PHASE_EHLO)) {
		end(talk, false);
		return;
	}
	/*
	 * Refused, and DATA is accepted all the same: only a dot would end it, and a dot
	 * is what must not be sent now.
	 */
	if (phase == MAIL_PHASE_DATA && talk->incoming.code / 100 == 3) {
		end(talk, false);
		return;
	}
	if (last || !talk->pipelining)
		end(talk, true);
}

static void
take_reply(SmtpTalk *talk)
{
	bool after_dot = false;

	if (talk->phase < MAIL_PHASE_BODY || (talk->failed && !talk->over)) {
		take_command_reply(talk);
		return;
	}
	after_dot = talk->phase == MAIL_PHASE_DOT;
	decide(talk, talk->phase, &talk->incoming);
	if (talk->outcome == MAIL_SENT)
		FAULT("smtp.sent");
	/* A reply to the dot ends the transaction.  One that comes earlier leaves a body
	 * that cannot be taken back. */
	talk->needs_reset = !after_dot;
	end(talk,
	    after_dot && talk->outcome != MAIL_UNCERTAIN && talk->reply.code != 421);
}

void
smtp_talk_feed(SmtpTalk *talk, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t used = 0;

		/* Bytes behind the last reply: this connection is out of step. */
		if (talk->over) {
			talk->usable = false;
			return;
		}
		talk->heard = true;
		if (reply_feed(&talk->incoming, bytes, length, &used)) {
			take_reply(talk);
			reply_init(&talk->incoming);
		}
		bytes += used;
		length -= used;
	}
}

void
smtp_talk_lost(SmtpTalk *talk, const char *why)
{
	Reply none;

	if (talk->over) {
		talk->usable = false;
		return;
	}
	/* A bad reply to an earlier command of the group stands. */
	if (!talk->failed) {
		reply_from_text(&none, why);
		decide(talk, talk->phase, &none);
	}
	end(talk, false);
}
