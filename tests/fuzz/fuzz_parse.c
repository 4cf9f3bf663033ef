/*
 * fuzz_parse.c - whole messages: parts, text, the record, the verdict.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/parse_json.h"
#include "mailer/sort.h"
#include "queue/limits.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const SortSelf self = {
		.domain = "depot.example",
		.loop = "depot.example",
		.forward_address = "forward@depot.example",
	};
	/* A copy of exactly this size, so that reading behind it is seen. */
	g_autoptr(GBytes) raw = g_bytes_new(data, size);
	g_autoptr(ParsedMail) mail = parse_mail(raw, NULL);
	g_autoptr(MailSort) sort = NULL;
	json_t *json;
	char *dump;

	if (mail == NULL)
		return 0;
	PROMISE(mail->n_parts >= 1 && mail->n_parts <= LIMIT_INTAKE_PARTS);
	PROMISE_UTF8(mail->text);
	PROMISE_UTF8(mail->subject);
	for (size_t i = 0; i < mail->n_parts; i++) {
		const ParsedPart *part = &mail->parts[i];

		PROMISE(part->parent < (int)i && part->message <= (int)i);
		PROMISE(part->depth <= LIMIT_INTAKE_DEPTH);
		PROMISE(part->bytes != NULL && part->length <= size);
		PROMISE_UTF8(part->name);
	}
	json = parse_to_json(mail);
	PROMISE(json != NULL);
	dump = json_dumps(json, JSON_COMPACT);
	PROMISE(dump != NULL);
	free(dump);
	json_decref(json);

	sort = sort_mail(mail, &self);
	json = sort_to_json(sort);
	PROMISE(json != NULL);
	json_decref(json);
	return 0;
}
