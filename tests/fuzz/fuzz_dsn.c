/*
 * fuzz_dsn.c - delivery status reports, and the free text of mail servers.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/bounce_private.h"
#include "queue/limits.h"

static void
free_text(const char *text)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(BounceText));
	DsnAction action;

	g_array_set_clear_func(rows, bounce_text_clear);
	(void)bounce_text_read(text, rows, &action);
	PROMISE(rows->len <= LIMIT_DSN_RECIPIENTS);
	for (guint i = 0; i < rows->len; i++) {
		const BounceText *row = &g_array_index(rows, BounceText, i);
		EnhancedCode none = { 0 };
		const char *rule = NULL;
		bool holds;

		PROMISE(row->recipient != NULL && row->reason != NULL);
		PROMISE_UTF8(row->recipient);
		(void)bounce_classify(row->reason, none, &holds, &rule);
		PROMISE(rule != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(Dsn) dsn = NULL;
	g_autofree char *text = NULL, *masked = NULL;

	if (size == 0)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	if (data[0] % 3 == 0) {
		free_text(text);
		return 0;
	}
	if (data[0] % 3 == 1) {
		masked = bounce_mask_codes(text);
		PROMISE(strlen(masked) <= strlen(text) + 4 * (strlen(text) / 25));
		return 0;
	}
	dsn = dsn_parse(data + 1, size - 1, NULL);
	if (dsn == NULL)
		return 0;
	PROMISE(dsn->n_rcpts >= 1 && dsn->n_rcpts <= LIMIT_DSN_RECIPIENTS);
	for (size_t i = 0; i < dsn->n_rcpts; i++) {
		PROMISE(dsn->rcpts[i].final != NULL || dsn->rcpts[i].original != NULL);
		PROMISE_UTF8(dsn->rcpts[i].final);
		PROMISE_UTF8(dsn->rcpts[i].original);
		PROMISE_UTF8(dsn->rcpts[i].diagnostic);
		PROMISE(dsn->rcpts[i].diagnostic == NULL ||
			strlen(dsn->rcpts[i].diagnostic) <= LIMIT_DSN_TEXT_BYTES);
	}
	return 0;
}
