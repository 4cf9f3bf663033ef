/*
 * mail_letter.c - rows of mail_out without tickets, and their parts.
 */
#include "fulfill/domain/mail_letter.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fulfill/domain/mail_stop.h"
#include "mailer/addr.h"
#include "queue/clock.h"
#include "queue/job.h"
#include "queue/limits.h"
#include "templates/field.h"

static const Stmt ADD = {
	.name = "mail_letter.add",
	.sql = "INSERT INTO mail_out (key, order_id, text, to_email, to_name, language,"
	       " brand, context, seed, date_at, created_at, reply_to, in_reply_to, refs,"
	       " recurring, null_sender)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13,"
	       " $14, $15) ON CONFLICT (key) DO NOTHING RETURNING id",
};
static const Stmt PART_ADD = {
	.name = "mail_part.add",
	.sql = "INSERT INTO mail_part (mail_id, seq, name, type, body)"
	       " VALUES ($1, $2, $3, $4, $5)",
};
static const Stmt PARTS = {
	.name = "mail_part.of_mail",
	.sql = "SELECT name, type, body FROM mail_part WHERE mail_id = $1 ORDER BY seq",
};

static bool
check(const Letter *letter, GError **error)
{
	size_t size = 0;

	if (field_text_index(letter->text) < 0)
		return err_set(
		    error, TP_ERROR_INVALID, "there is no text '%s'", letter->text);
	for (size_t i = 0; i < letter->n_parts; i++)
		size += letter->parts[i].size;
	return size <= LIMIT_LETTER_BYTES ||
	       err_set(error, TP_ERROR_INVALID,
		   "the parts of '%s' have %" G_GSIZE_FORMAT " bytes, more than %d",
		   letter->subject, size, LIMIT_LETTER_BYTES);
}

static char *
join_references(const Letter *letter)
{
	return letter->references != NULL
		   ? g_strjoinv(" ", (char **)(uintptr_t)letter->references)
		   : NULL;
}

static int
add_row(DbTx *tx, const Letter *letter, const char *to, int64_t *ret_id, GError **error)
{
	g_autofree char *references = join_references(letter);
	uint8_t seed[MAIL_SEED_BYTES];
	char *json = json_dumps(letter->context, JSON_COMPACT);
	int added;

	if (getentropy(seed, sizeof(seed)) < 0)
		BUG("no random bytes: %s", g_strerror(errno));
	added = db_find_int(tx->db, &ADD,
	    DB_ARGS(v_text(letter->key), v_id(letter->order_id), v_text(letter->text),
		v_text(to), v_text(letter->to_name), v_text(letter->language),
		v_text(letter->brand), v_text(json), v_blob(seed, sizeof(seed)),
		v_int(clock_now_at()), v_text(letter->reply_to),
		v_text(letter->in_reply_to), v_text(references), v_int(letter->recurring),
		v_int(letter->null_sender || letter->in_reply_to != NULL)),
	    ret_id, error);
	free(json);
	return added;
}

int
mail_letter_plan(DbTx *tx, const Letter *letter, int64_t *ret_id, GError **error)
{
	g_autofree char *to = addr_normal(letter->to_email, error);
	char key[40];
	JobSpec job = { .kind = JOB_KIND_MAIL, .key = key, .subject = letter->subject };
	bool stopped = false;
	int added;

	if (to == NULL || !check(letter, error) ||
	    (letter->recurring && !mail_stop_is(tx->db, to, &stopped, error)))
		return -1;
	if (stopped)
		return 0;
	added = add_row(tx, letter, to, &job.ref, error);
	if (added <= 0)
		return added;
	for (size_t i = 0; i < letter->n_parts; i++) {
		const LetterPart *part = &letter->parts[i];

		if (!db_exec(tx->db, &PART_ADD,
			DB_ARGS(v_int(job.ref), v_int((int64_t)i + 1), v_text(part->name),
			    v_text(part->type), v_blob(part->bytes, part->size)),
			NULL, error))
			return -1;
	}
	g_snprintf(key, sizeof(key), "mail/%" G_GINT64_FORMAT, job.ref);
	if (job_add(tx, &job, error) < 0)
		return -1;
	if (ret_id != NULL)
		*ret_id = job.ref;
	return 1;
}

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

json_t *
letter_context(const IssueContext *issue, const char *to_name)
{
	json_t *vendor = json_object();
	json_t *to = json_object();

	put(vendor, "name", issue->vendor_name);
	put(vendor, "url", issue->website);
	put(vendor, "email", issue->support);
	put(to, "name", to_name);
	return json_pack("{s:o, s:o, s:o}", "brand", json_copy(vendor), "vendor", vendor,
	    "recipient", to);
}

bool
mail_letter_load(Db *db, MailOut *mail, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &PARTS, DB_ARGS(v_int(mail->id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		MailOutPart *part = g_new0(MailOutPart, 1);
		size_t size;
		const void *bytes = db_col_blob(rows, 2, &size);

		part->name = g_strdup(db_col_text(rows, 0));
		part->type = g_strdup(db_col_text(rows, 1));
		part->bytes = g_bytes_new(bytes, bytes != NULL ? size : 0);
		g_ptr_array_add(mail->parts, part);
	}
	return more == 0;
}
