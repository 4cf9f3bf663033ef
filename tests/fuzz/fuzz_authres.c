/*
 * fuzz_authres.c - Authentication-Results, and that nobody can prove himself.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/authres.h"
#include "mailer/minisign.h"

/* Bytes that came by mail stand below our MX's Received field: whatever they are, their
 * sender is not proved. */
static void
forged(const uint8_t *data, size_t size)
{
	static const char received[] =
	    "Received: from x (y [192.0.2.1])\n by mx.depot.example with SMTP; now\n";
	const AuthresSelf self = { .authserv_id = "mx.depot.example" };
	g_autofree char *all = g_malloc(sizeof(received) - 1 + size);
	g_autoptr(GBytes) raw = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(AuthresVerdict) verdict = NULL;

	memcpy(all, received, sizeof(received) - 1);
	memcpy(all + sizeof(received) - 1, data, size);
	/* A blank would go on with our own field. */
	if (size > 0 && (data[0] == ' ' || data[0] == '\t'))
		return;
	raw = g_bytes_new(all, sizeof(received) - 1 + size);
	mail = parse_mail(raw, NULL);
	if (mail == NULL)
		return;
	verdict = authres_check(mail, &self);
	PROMISE(verdict->why != AUTHRES_PROVED);
	PROMISE(verdict->method == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_string(data, size);
	g_autoptr(AuthResults) results = authres_parse(text, NULL);
	g_autoptr(Minisign) minisign = minisign_parse(data, size, NULL);
	MinisignKey key = { { 0 }, { 0 } };

	if (results != NULL)
		for (size_t i = 0; i < results->n_rows; i++)
			(void)auth_result_find(&results->rows[i], "header.d");
	if (minisign != NULL) {
		PROMISE_UTF8(minisign->trusted_comment);
		PROMISE(!minisign_verify(minisign, &key, data, size, NULL));
	}
	(void)minisign_key_parse(text, &key, NULL);
	forged(data, size);
	return 0;
}
