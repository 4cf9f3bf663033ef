/*
 * test_mime.c - what goes into a message comes out of it, read by Python's parser.
 */
#include "tests/support/cm.h"

#include <jansson.h>

#include "mailer/addr.h"
#include "mailer/header.h"
#include "mailer/mime.h"
#include "queue/limits.h"
#include "tests/support/fake_smtpd.h"
#include "tests/support/golden.h"

/* 2026-11-24 10:05:00 UTC */
#define AT INT64_C(1795514700000000)
#define CODE "7K3QF-GHJKM-NPRST-VWXYZ-0123A"

static char *folder;
static int n_written;

static const char card[] = "%PDF-1.4\nnot really one\n\0\1\2\xff";
static const char png[] = "\x89PNG\r\n\x1a\nnot really one";

static const MailPart picture = {
	.type = "image/png",
	.filename = "qr.png",
	.content_id = "qr@ticket",
	.bytes = png,
	.length = sizeof(png),
};

static Mail
ticket_mail(void)
{
	static const MailPart files[] = {
		{
		    .type = "application/pdf",
		    .filename = "Lizenzkarte-4711.pdf",
		    .bytes = card,
		    .length = sizeof(card),
		},
	};

	return (Mail){
		.message_id = "42.gaytemzugu3doobzmfrggzdfaa@mail.example.org",
		.date_at = AT,
		.date_offset_s = 3600,
		.from = { "CAD-Werk Karlsruhe", "lizenz@cad-werk.example" },
		.to = { "Jürgen Größe", "juergen@example.org" },
		.reply_to = { NULL, "hilfe@cad-werk.example" },
		.subject = "Ihr Ticket für CAD Pro – Auftrag SO-2026-000123",
		.language = "de",
		.text =
		    "Guten Tag,\n\nhier ist Ihr Ticket für CAD Pro:\n\n" CODE
		    "\n\nEinlösen können Sie es bis zum 31. Dezember 2026 im Depot, mit "
		    "diesem Code oder mit dem Bild in der HTML-Fassung.\n\n"
		    "HTTPS://DEPOT.EXAMPLE.COM/#" CODE "\n\n-- \nCAD-Werk\n",
		.html = "<!DOCTYPE html>\n<html lang=\"de\"><title>Ihr Ticket</title>\n"
			"<p>Guten Tag,</p>\n<p style=\"font: 14px monospace\">" CODE
			"</p>\n<img src=\"cid:qr@ticket\" alt=\"" CODE "\">\n</html>\n",
		.pictures = &picture,
		.n_pictures = 1,
		.files = files,
		.n_files = 1,
	};
}

static json_t *
part_json(const MailPart *part)
{
	g_autofree char *bytes = g_base64_encode(part->bytes, part->length);
	g_autofree char *name =
	    part->filename == NULL ? NULL : header_file_name(part->filename);

	return json_pack("{s:s, s:s?, s:s, s:s*}", "type", part->type, "filename", name,
	    "bytes", bytes, "cid", part->content_id);
}

static json_t *
box_json(const MailBox *box)
{
	g_autofree char *name = addr_display_name(box->name == NULL ? "" : box->name);
	g_autofree char *address = addr_normal(box->address, NULL);

	return json_pack("[s, s]", name, address);
}

/* What a reader must find, beside the bytes. */
static void
write_case(const Mail *mail, GBytes *bytes)
{
	g_autofree char *stem = g_strdup_printf("%s/%04d", folder, n_written++);
	g_autofree char *eml = g_strconcat(stem, ".eml", NULL);
	g_autofree char *json = g_strconcat(stem, ".json", NULL);
	g_autofree char *subject = header_clean(mail->subject, LIMIT_SUBJECT_CHARS);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(mail->date_at / 1000000);
	g_autoptr(GTimeZone) zone = g_time_zone_new_offset(mail->date_offset_s);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	g_autofree char *date = g_date_time_format(local, "%Y-%m-%dT%H:%M:%S%:z");
	json_t *files = json_array();
	json_t *pictures = json_array();
	json_t *all = NULL;
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);

	for (size_t i = 0; i < mail->n_files; i++)
		json_array_append_new(files, part_json(&mail->files[i]));
	for (size_t i = 0; i < mail->n_pictures; i++)
		json_array_append_new(pictures, part_json(&mail->pictures[i]));
	all = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:s*, s:o, s:o}", "subject",
	    subject, "date", date, "from", box_json(&mail->from), "to",
	    box_json(&mail->to), "message_id", mail->message_id, "text", mail->text,
	    "html", mail->html, "files", files, "pictures", pictures);
	assert_non_null(all);
	assert_int_equal(json_dump_file(all, json, JSON_INDENT(1)), 0);
	json_decref(all);
	assert_true(g_file_set_contents(eml, data, (gssize)length, NULL));
}

static GBytes *
compose(const Mail *mail)
{
	g_autoptr(GError) error = NULL;
	GBytes *bytes = mime_compose(mail, &error);

	assert_no_error(error);
	assert_non_null(bytes);
	return bytes;
}

static void
golden(const Mail *mail, const char *name)
{
	g_autoptr(GBytes) bytes = compose(mail);
	g_autofree char *path = g_strconcat("mail/", name, ".eml", NULL);

	write_case(mail, bytes);
	assert_golden(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
a_ticket_mail_has_text_html_picture_and_card(void **state)
{
	Mail mail = ticket_mail();

	(void)state;
	golden(&mail, "ticket-de");
}

static void
absent_parts_leave_no_empty_levels(void **state)
{
	Mail mail = ticket_mail();

	(void)state;
	mail.n_files = 0;
	golden(&mail, "no-files");
	mail.n_pictures = 0;
	golden(&mail, "text-and-html");
	mail.html = NULL;
	golden(&mail, "text-only");
	mail = ticket_mail();
	mail.html = NULL;
	mail.n_pictures = 0;
	golden(&mail, "text-and-card");
}

static void
a_digest_carries_a_list_and_messages_to_forward(void **state)
{
	Mail inner[2] = { ticket_mail(), ticket_mail() };
	GBytes *bytes[2] = { NULL, NULL };
	static const char csv[] = "ticket;produkt\r\n" CODE ";CAD Pro\r\n";
	static const char *const references[] = { "1.aaaa@mail.example.org",
		"2.bbbb@mail.example.org", NULL };
	MailPart files[3] = {
		{
		    .type = "text/csv; charset=utf-8",
		    .filename = "Tickets Größe & Söhne.csv",
		    .bytes = csv,
		    .length = sizeof(csv) - 1,
		},
	};
	Mail mail = {
		.message_id = "43.abc@mail.example.org",
		.date_at = AT,
		.date_offset_s = -5 * 3600,
		.from = { "Licences", "lic@cad-werk.example" },
		.to = { "Reseller, Ltd.", "orders@reseller.example" },
		.subject = "Two tickets for order SO-1",
		.language = "en",
		.text = "Hello,\n\ntwo tickets are attached.\n",
		.files = files,
		.n_files = 3,
		.unsubscribe_url = "https://cad-werk.example/u?t=abcdef",
		.unsubscribe_mail = "leave+abcdef@cad-werk.example",
		.in_reply_to = "2.bbbb@mail.example.org",
		.references = references,
	};

	(void)state;
	inner[1].message_id = "44.def@mail.example.org";
	for (int i = 0; i < 2; i++) {
		gsize length = 0;

		bytes[i] = compose(&inner[i]);
		files[i + 1].type = "message/rfc822";
		files[i + 1].filename = i == 0 ? "Ticket 1.eml" : "Ticket 2.eml";
		files[i + 1].bytes = g_bytes_get_data(bytes[i], &length);
		files[i + 1].length = length;
	}
	golden(&mail, "digest-en");
	g_bytes_unref(bytes[0]);
	g_bytes_unref(bytes[1]);
}

static void
a_code_is_readable_in_the_raw_message(void **state)
{
	Mail mail = ticket_mail();
	g_autoptr(GBytes) bytes = compose(&mail);
	gsize length = 0;
	const char *raw = g_bytes_get_data(bytes, &length);
	g_autofree char *text = g_strndup(raw, length);

	(void)state;
	assert_non_null(strstr(text, "\r\n" CODE "\r\n"));
	assert_non_null(strstr(text, "\r\nHTTPS://DEPOT.EXAMPLE.COM/#" CODE "\r\n"));
}

static void
the_same_mail_gives_the_same_bytes(void **state)
{
	Mail mail = ticket_mail();
	g_autoptr(GBytes) one = compose(&mail);
	g_autoptr(GBytes) two = compose(&mail);

	(void)state;
	assert_true(g_bytes_equal(one, two));
}

/* ---- hostile strings ---- */

/* clang-format off */
static const char *const naughty[] = {
	"x\r\nBcc: victim@example.org",
	"x\r\n\r\n<script>alert(1)</script>",
	"x\nSubject: other", "x\rSubject: other", "\r\n", "\n", "\r", " ", "\t", "",
	"x\r\n.\r\nMAIL FROM:<a@b>", "\r\n.\r\n", ".", "..", "From me", "From: me@example.org",
	"=?UTF-8?Q?=0D=0ABcc:_x@example.org?=", "=?utf-8?b?DQpCY2M6IHg=?=", "=?", "?=", "=?x?=",
	"a@b.example", "\"<a@b.example>\"", "<>", "\\", "\\\"", "\"", "'", "a\\\r\n b", "(comment", "a)b", "a;b,c:d",
	"--=_8e6f2fecb6d4d52b3f48ed41998b155em", "--", "-- ", "--\r\n--", "=", "==", "=3D", "=\r\n", "=20", "%0d%0aBcc:",
	"\xe2\x80\xae" "txt.exe", "\xe2\x81\xa6" "x\xe2\x81\xa9", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd7\xa2\xd7\x95\xd7\x9c\xd7\x9d", "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
	"\xf0\x9f\x9a\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7", "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	"\xe6\xa0\xaa\xe5\xbc\x8f\xe4\xbc\x9a\xe7\xa4\xbe\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "\xce\x95\xce\xbb\xce\xbb\xce\xac\xce\xb4\xce\xb1", "Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 g\xc4\x99\xc5\x9bl\xc4\x85 ja\xc5\xba\xc5\x84",
	"\xef\xbb\xbf" "bom", "\xc2\xa0", "a\xe2\x80\x8b" "b", "a\xe2\x80\xa8" "b", "\x01\x02\x1b[31m", "\x7f", "a\xc2\x85" "b",
	"{{name}}", "{{{x}}}", "${jndi:ldap://x}", "%s%s%n", "../../etc/passwd", "C:\\con", "aux", "a/b\\c:d*e?f\"g<h>i|j",
	"' OR 1=1 --", "; DROP TABLE mail", "=cmd|' /C calc'!A0", "NULL", "undefined",
	"a b  c   d", "  leading", "trailing  ", "a\tb", "word-" "with-" "hyphens",
};
/* clang-format on */

static char *
repeat(const char *text, int n)
{
	GString *out = g_string_new(NULL);

	for (int i = 0; i < n; i++)
		g_string_append(out, text);
	return g_string_free(out, FALSE);
}

/* The text everywhere a stranger's text can come to stand. */
static void
compose_with(const char *text)
{
	Mail mail = ticket_mail();
	g_autofree char *html = g_strconcat("<p>", text, "</p>\n", text, NULL);
	MailPart file = {
		.type = "text/plain",
		.filename = text,
		.bytes = text,
		.length = strlen(text),
	};
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *id = g_strdup_printf("%d.naughty@mail.example.org", n_written);

	mail.message_id = id;
	mail.from.name = text;
	mail.to.name = text;
	mail.subject = text;
	mail.text = text;
	mail.html = html;
	mail.files = &file;
	bytes = compose(&mail);
	write_case(&mail, bytes);
}

static void
naughty_strings_arrive_as_inert_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(naughty); i++) {
		g_autofree char *often = repeat(naughty[i], 30);
		g_autofree char *within = g_strconcat("Größe ", naughty[i], " end", NULL);

		compose_with(naughty[i]);
		compose_with(often);
		compose_with(within);
	}
	assert_true(n_written > 200);
}

static void
long_words_arrive_too(void **state)
{
	static const char *const bits[] = { "x", "\xc3\xbc", "\xe6\x97\xa5",
		"\xf0\x9f\x9a\x80", "x\xc3\xbc ", "wort " };
	static const int counts[] = { 30, 59, 60, 61, 74, 75, 76, 77, 78, 79, 100, 199,
		500, 3000 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(counts); j++) {
			g_autofree char *text = repeat(bits[i], counts[j]);

			compose_with(text);
		}
	}
}

static void
invalid_utf8_in_a_name_is_marked(void **state)
{
	Mail mail = ticket_mail();
	g_autoptr(GBytes) bytes = NULL;

	(void)state;
	mail.to.name = "J\xfcrgen";
	mail.subject = "J\xfcrgen";
	bytes = compose(&mail);
	write_case(&mail, bytes);
}

static void
python_reads_what_went_in(void **state)
{
	char *argv[] = { (char *)"/usr/bin/python3", (char *)"tests/mailer/read_mail.py",
		folder, NULL };
	g_autoptr(GError) error = NULL;
	g_autofree char *out = NULL;
	g_autofree char *err = NULL;
	int status = 0;

	(void)state;
	assert_true(g_spawn_sync(golden_root(), argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
	    &out, &err, &status, &error));
	if (!g_spawn_check_wait_status(status, NULL))
		fail_msg("%s%s", out, err);
	assert_non_null(strstr(out, " 0 differences"));
}

/* ---- refusals ---- */

typedef struct BadRow {
	const char *name;
	const char *words;
	void (*spoil)(Mail *mail);
} BadRow;

static const MailPart bad_type = { .type = "text", .bytes = "", .length = 0 };
static const MailPart injected_type = {
	.type = "text/plain\r\nX: y",
	.bytes = "",
	.length = 0,
};
static const MailPart multipart_type = {
	.type = "multipart/mixed",
	.bytes = "",
	.length = 0,
};
static const MailPart bare_lf = {
	.type = "message/rfc822", .bytes = "a: b\n", .length = 5
};
static const MailPart smuggled = {
	.type = "message/rfc822",
	.bytes = "a: b\r\n\n.\r\n",
	.length = 10,
};
static const MailPart bad_cid = {
	.type = "image/png",
	.content_id = "a>\r\nX: y",
	.bytes = "",
	.length = 0,
};

static void
spoil_id(Mail *mail)
{
	mail->message_id = "a b@c";
}
static void
spoil_from(Mail *mail)
{
	mail->from.address = "x@example.org\r\nBcc: y@example.org";
}
static void
spoil_to(Mail *mail)
{
	mail->to.address = NULL;
}
static void
spoil_reply(Mail *mail)
{
	mail->reply_to.address = "two@at@example.org";
}
static void
spoil_text(Mail *mail)
{
	mail->text = NULL;
}
static void
spoil_utf8(Mail *mail)
{
	mail->text = "\xff";
}
static void
spoil_html(Mail *mail)
{
	mail->html = NULL;
}
static void
spoil_language(Mail *mail)
{
	mail->language = "de\r\nX: y";
}
static void
spoil_url(Mail *mail)
{
	mail->unsubscribe_url = "https://x/>\r\nX: y";
}
static void
spoil_http(Mail *mail)
{
	mail->unsubscribe_url = "http://x/";
}
static void
spoil_leave(Mail *mail)
{
	mail->unsubscribe_mail = "x@y.example?bcc=all@z.example";
}
static void
spoil_in_reply(Mail *mail)
{
	mail->in_reply_to = "<a@b>";
}
static void
spoil_type(Mail *mail)
{
	mail->files = &bad_type;
}
static void
spoil_type_injected(Mail *mail)
{
	mail->files = &injected_type;
}
static void
spoil_type_multipart(Mail *mail)
{
	mail->files = &multipart_type;
}
static void
spoil_bare(Mail *mail)
{
	mail->files = &bare_lf;
}
static void
spoil_smuggled(Mail *mail)
{
	mail->files = &smuggled;
}
static void
spoil_cid(Mail *mail)
{
	mail->pictures = &bad_cid;
}

/* clang-format off */
static const BadRow bad_rows[] = {
	{ "refused: a Message-ID with a space", "Message-ID", spoil_id },
	{ "refused: a sender with a second field", "From", spoil_from },
	{ "refused: no recipient", "To", spoil_to },
	{ "refused: reply-to with two at", "Reply-To", spoil_reply },
	{ "refused: no text", "text", spoil_text },
	{ "refused: text that is not UTF-8", "UTF-8", spoil_utf8 },
	{ "refused: a picture without HTML", "HTML", spoil_html },
	{ "refused: a language with a second field", "language", spoil_language },
	{ "refused: an unsubscribe URL with a second field", "https", spoil_url },
	{ "refused: an unsubscribe URL in the clear", "https", spoil_http },
	{ "refused: an unsubscribe address that is more than one", "unsubscribe", spoil_leave },
	{ "refused: an in-reply-to with brackets", "Message-ID", spoil_in_reply },
	{ "refused: a type without subtype", "type", spoil_type },
	{ "refused: a type with a second field", "type", spoil_type_injected },
	{ "refused: a multipart handed in", "type", spoil_type_multipart },
	{ "refused: an inner message with bare line feeds", "bare", spoil_bare },
	{ "refused: an inner message that smuggles a dot", "bare", spoil_smuggled },
	{ "refused: a content id with a second field", "content id", spoil_cid },
};
/* clang-format on */

static void
is_refused(void **state)
{
	const BadRow *row = *state;
	Mail mail = ticket_mail();
	g_autoptr(GError) error = NULL;

	row->spoil(&mail);
	assert_null(mime_compose(&mail, &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strstr(error->message, row->words) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, row->words);
}

static void
a_message_cannot_hold_itself(void **state)
{
	Mail inner = ticket_mail();
	Mail outer = ticket_mail();
	g_autoptr(GBytes) bytes = compose(&inner);
	g_autoptr(GError) error = NULL;
	MailPart file = { .type = "message/rfc822" };
	gsize length = 0;

	(void)state;
	file.bytes = g_bytes_get_data(bytes, &length);
	file.length = length;
	outer.files = &file;
	assert_null(mime_compose(&outer, &error));
	assert_error(error, TP_ERROR_INVALID);
}

static void
a_message_above_the_limit_is_refused(void **state)
{
	Mail mail = ticket_mail();
	g_autofree char *big = g_malloc0(LIMIT_MAIL_BYTES);
	MailPart file = {
		.type = "application/pdf",
		.bytes = big,
		.length = LIMIT_MAIL_BYTES,
	};
	g_autoptr(GError) error = NULL;

	(void)state;
	mail.files = &file;
	assert_null(mime_compose(&mail, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_non_null(strstr(error->message, "bytes"));
}

static void
an_inner_message_with_utf8_in_its_header_is_wrapped(void **state)
{
	static const char inner[] = "To: m\xc3\xbcller@example.org\r\n\r\nx\r\n";
	MailPart file = {
		.type = "message/rfc822",
		.bytes = inner,
		.length = sizeof(inner) - 1,
	};
	Mail mail = ticket_mail();
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *text = NULL;

	(void)state;
	mail.files = &file;
	bytes = compose(&mail);
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	assert_true(g_str_is_ascii(text));
	assert_non_null(strstr(text,
	    "Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n"));
}

static void
an_answer_says_that_it_is_one(void **state)
{
	Mail mail = ticket_mail();
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *text = NULL;

	(void)state;
	mail.auto_replied = true;
	bytes = compose(&mail);
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-replied\r\n"));
}

typedef struct DateRow {
	const char *name;
	int64_t at;
	int offset_s;
	const char *date;
} DateRow;

/* clang-format off */
static const DateRow date_rows[] = {
	{ "date: winter in Karlsruhe", AT, 3600, "Tue, 24 Nov 2026 11:05:00 +0100" },
	{ "date: UTC", AT, 0, "Tue, 24 Nov 2026 10:05:00 +0000" },
	{ "date: half an hour", AT, 19800, "Tue, 24 Nov 2026 15:35:00 +0530" },
	{ "date: west, with minutes", AT, -12600, "Tue, 24 Nov 2026 06:35:00 -0330" },
	{ "date: a leap day", INT64_C(1709164800000000), 0, "Thu, 29 Feb 2024 00:00:00 +0000" },
	{ "date: the zone moves the day", INT64_C(1735688100000000), 3600, "Wed, 1 Jan 2025 00:35:00 +0100" },
	{ "date: before 1970", INT64_C(-1), 0, "Wed, 31 Dec 1969 23:59:59 +0000" },
	{ "date: parts of a second go", INT64_C(999999), 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
};
/* clang-format on */

static void
date_is(void **state)
{
	const DateRow *row = *state;
	g_autofree char *date = header_date(row->at, row->offset_s);

	assert_string_equal(date, row->date);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_mail_has_text_html_picture_and_card),
		cmocka_unit_test(absent_parts_leave_no_empty_levels),
		cmocka_unit_test(a_digest_carries_a_list_and_messages_to_forward),
		cmocka_unit_test(a_code_is_readable_in_the_raw_message),
		cmocka_unit_test(the_same_mail_gives_the_same_bytes),
		cmocka_unit_test(naughty_strings_arrive_as_inert_text),
		cmocka_unit_test(long_words_arrive_too),
		cmocka_unit_test(invalid_utf8_in_a_name_is_marked),
		cmocka_unit_test(python_reads_what_went_in),
		cmocka_unit_test(a_message_cannot_hold_itself),
		cmocka_unit_test(a_message_above_the_limit_is_refused),
		cmocka_unit_test(an_inner_message_with_utf8_in_its_header_is_wrapped),
		cmocka_unit_test(an_answer_says_that_it_is_one),
	};
	int failed = 0;

	folder = test_folder_make();
	failed += run_rows("refusals", bad_rows, is_refused);
	failed += run_rows("dates", date_rows, date_is);
	failed += cmocka_run_group_tests_name("mime", tests, NULL, NULL);
	test_folder_drop(folder);
	return failed;
}
