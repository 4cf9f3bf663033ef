/*
 * mail_reader.c - mailer/parse, sort and the documents, inside mailer/sandbox.
 */
#include "fulfill/work/mail_reader.h"

#include <string.h>

#include "fulfill/intake/intake.h"
#include "fulfill/intake/pdf_files.h"
#include "mailer/parse_json.h"
#include "mailer/sandbox.h"
#include "mailer/sort.h"
#include "queue/limits.h"

#define SIGNATURE_SUFFIX ".minisig"

typedef struct Reading {
	Work *work;
	SortSelf self;
	json_t *documents;
	size_t document_bytes;
	bool too_large;
} Reading;

char *
mail_reader_domain(const Settings *settings)
{
	const char *domain = settings_text(settings, SET_MAIL_BOUNCE);
	const char *from = settings_text(settings, SET_MAIL_FROM);
	const char *at = from != NULL ? strrchr(from, '@') : NULL;

	if (domain != NULL)
		return g_strdup(domain);
	return g_strdup(at != NULL ? at + 1 : "localhost");
}

/* ---- in the child ---- */

static void
forget_keys(void *user)
{
	Reading *reading = user;

	if (reading->work != NULL)
		g_clear_pointer(&reading->work->vault, vault_close);
}

static bool
fits(Reading *reading, size_t size)
{
	reading->document_bytes += size;
	if (json_array_size(reading->documents) < LIMIT_MAIL_IN_DOCUMENTS &&
	    reading->document_bytes <= LIMIT_MAIL_IN_DOCUMENT_BYTES)
		return true;
	reading->too_large = true;
	return false;
}

static void
add_document(Reading *reading, const char *name, const void *bytes, size_t size,
    IntakeFormat format, const char *signature)
{
	g_autofree char *base64 = NULL;

	if (!fits(reading, size))
		return;
	base64 = g_base64_encode(bytes, size);
	json_array_append_new(reading->documents,
	    json_pack("{s:o, s:s, s:s, s:o}", "name",
		parse_json_text(name, LIMIT_DSN_TEXT_BYTES), "format",
		intake_format_name(format), "bytes", base64, "signature",
		parse_json_text(signature, LIMIT_MINISIGN_BYTES)));
}

/* The detached signature of `part`: NAME.minisig beside it. */
static char *
signature_of(const ParsedMail *mail, const ParsedPart *part)
{
	g_autofree char *wanted =
	    part->name != NULL ? g_strconcat(part->name, SIGNATURE_SUFFIX, NULL) : NULL;

	for (size_t i = 0; wanted != NULL && i < mail->n_parts; i++) {
		const ParsedPart *other = &mail->parts[i];

		if (other->kind == PARSED_LEAF && other->message == part->message &&
		    g_strcmp0(other->name, wanted) == 0)
			return g_strndup((const char *)other->bytes,
			    MIN(other->length, LIMIT_MINISIGN_BYTES));
	}
	return NULL;
}

static void
add_pdf_files(Reading *reading, const ParsedPart *part)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	pdf_files(part->bytes, part->length, files);
	for (guint i = 0; i < files->len; i++) {
		gsize size;
		const void *bytes = g_bytes_get_data(g_ptr_array_index(files, i), &size);
		IntakeFormat format = intake_recognise(bytes, size);

		if (format == INTAKE_UBL || format == INTAKE_OPENTRANS)
			add_document(reading, part->name, bytes, size, format, NULL);
	}
}

/* The body as a person wrote it; what stands under "-- " is no part of an order. */
static void
add_body(Reading *reading, const ParsedPart *part)
{
	g_autofree char *text = parsed_part_text(part);
	char *foot = strstr(text, "\n-- \n");
	IntakeFormat format;

	if (foot != NULL)
		foot[1] = '\0';
	format = intake_recognise(text, strlen(text));
	if (format != INTAKE_UNKNOWN && format != INTAKE_MAIL && format != INTAKE_PDF)
		add_document(reading, "body", text, strlen(text), format, NULL);
}

static void
add_part(Reading *reading, const ParsedMail *mail, const ParsedPart *part)
{
	g_autofree char *signature = NULL;
	IntakeFormat format;

	if (part->kind != PARSED_LEAF || part->length == 0 ||
	    (part->name != NULL && g_str_has_suffix(part->name, SIGNATURE_SUFFIX)))
		return;
	if (!part->is_attachment && strcmp(part->type, "text/plain") == 0) {
		add_body(reading, part);
		return;
	}
	if (!sort_is_document(part))
		return;
	format = intake_recognise(part->bytes, part->length);
	if (format == INTAKE_PDF) {
		add_pdf_files(reading, part);
		return;
	}
	/* A page of HTML or a picture beside the order is no order; a file that calls
	 * itself one and is not is answered as one that cannot be read. */
	if (format == INTAKE_MAIL || format == INTAKE_XML)
		return;
	signature = signature_of(mail, part);
	add_document(reading, part->name, part->bytes, part->length, format, signature);
}

/* Codes as a person or a mail program left them in a text: 29 characters with dashes. */
static void
find_codes(const char *text, json_t *codes)
{
	for (const char *at = text;
	     *at != '\0' && json_array_size(codes) < LIMIT_MAIL_IN_CODES;) {
		g_auto(Code) code = { 0 };
		char whole[CODE_TEXT_SIZE];
		size_t run = strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

		if (run == CODE_TEXT_SIZE - 1 &&
		    code_parse(at, (gssize)run, &code, NULL, NULL)) {
			code_format(&code, whole);
			json_array_append_new(codes, json_string(whole));
		}
		at += MAX(run, 1);
	}
}

static json_t *
codes_of(const ParsedMail *mail)
{
	json_t *codes = json_array();

	find_codes(mail->subject, codes);
	find_codes(mail->text, codes);
	for (size_t i = 0; i < mail->n_parts; i++)
		if (mail->parts[i].message != 0 && mail->parts[i].kind == PARSED_LEAF &&
		    strcmp(mail->parts[i].type, "text/plain") == 0) {
			g_autofree char *text = parsed_part_text(&mail->parts[i]);

			find_codes(text, codes);
		}
	return codes;
}

static json_t *
delivered_to(const ParsedMail *mail)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mail->delivered.n; i++)
		if (mail->delivered.rows[i].address != NULL)
			json_array_append_new(
			    list, parse_json_text(mail->delivered.rows[i].address,
				      LIMIT_EMAIL_BYTES));
	return list;
}

static bool
read_mail(GBytes *raw, void *user, json_t **ret, GError **error)
{
	Reading *reading = user;
	g_autoptr(ParsedMail) mail = parse_mail(raw, error);
	g_autoptr(MailSort) sort = NULL;
	json_t *record;

	if (mail == NULL)
		return false;
	sort = sort_mail(mail, &reading->self);
	record = json_pack("{s:o, s:o, s:o}", "mail", parse_to_json(mail), "sort",
	    sort_to_json(sort), "delivered", delivered_to(mail));
	if (sort->may_answer) {
		reading->documents = json_array();
		for (size_t i = 0; i < mail->n_parts; i++)
			add_part(reading, mail, &mail->parts[i]);
		json_object_set_new(record, "documents", reading->documents);
		json_object_set_new(
		    record, "too_large", json_boolean(reading->too_large));
		json_object_set_new(record, "text",
		    parse_json_text(mail->text, LIMIT_INTAKE_HEADER_BYTES));
		json_object_set_new(record, "codes", codes_of(mail));
	}
	*ret = record;
	return true;
}

/* ---- in the parent ---- */

int
mail_reader_run(Work *work, GBytes *raw, json_t **ret, char **ret_death, GError **error)
{
	g_autofree char *domain =
	    work != NULL ? mail_reader_domain(work->settings) : g_strdup("localhost");
	Reading reading = {
		.work = work,
		.self = { .domain = domain,
		    .loop = domain,
		    .forward_address =
			work != NULL ? settings_text(work->settings, SET_INTAKE_FORWARD)
				     : NULL },
	};
	const Sandbox sandbox = {
		.read = read_mail, .user = &reading, .forget = forget_keys
	};

	return sandbox_run(&sandbox, raw, ret, ret_death, error);
}

GBytes *
mail_reader_document(const json_t *document)
{
	const char *base64 = json_string_value(json_object_get(document, "bytes"));
	gsize size;
	guchar *bytes;

	if (base64 == NULL)
		return NULL;
	bytes = g_base64_decode(base64, &size);
	return g_bytes_new_take(bytes, size);
}
