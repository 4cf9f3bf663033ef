/*
 * submit.c - documents to orders, with an answer per line.
 */
#include "fulfill/work/submit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/user.h"
#include "fulfill/intake/intake.h"
#include "fulfill/work/mail_reader.h"
#include "queue/fault.h"
#include "queue/limits.h"

/* Orders in one transaction: one sync serves them all, and a crash loses none that was
 * answered. */
#define ORDERS_A_COMMIT 200

static json_t *
error_json(const OrderError *error)
{
	return json_pack("{s:s, s:o, s:s}", "code", order_error_name(error->code),
	    "field", error->field != NULL ? json_string(error->field) : json_null(),
	    "text", error->text);
}

/* Errors of the order as a whole (`line` NULL) or of one line. */
static json_t *
errors_json(const OrderDraft *draft, const char *line)
{
	json_t *list = json_array();

	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *error = g_ptr_array_index(draft->errors, i);

		if (g_strcmp0(error->line, line) == 0)
			json_array_append_new(list, error_json(error));
	}
	return list;
}

static json_t *
answer_json(const OrderDraft *draft, OrderStatus status, const OrderPolicy *policy)
{
	json_t *of_order = errors_json(draft, NULL);
	json_t *lines = json_array();

	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);
		bool refused =
		    status == ORDER_REJECTED ||
		    (status == ORDER_ACCEPTED && order_line_refused(draft, line, policy));
		json_t *errors = errors_json(draft, line->line);

		json_array_extend(errors, of_order);
		json_array_append_new(
		    lines, json_pack("{s:s, s:s, s:o}", "line", line->line, "status",
			       refused ? "rejected" : "accepted", "errors", errors));
	}
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "order",
	    draft->number != NULL ? json_string(draft->number) : json_null(), "source",
	    draft->source != NULL ? json_string(draft->source) : json_null(), "status",
	    order_status_name(status), "lines", lines, "errors", of_order);
}

static void
count_status(SubmitCount *count, OrderStatus status)
{
	int *const counters[] = {
		[ORDER_ACCEPTED] = &count->accepted,
		[ORDER_DUPLICATE] = &count->duplicate,
		[ORDER_REJECTED] = &count->rejected,
		[ORDER_HELD] = &count->held,
	};

	(*counters[status])++;
}

/*
 * As whom the sender acts in this order: the user of the party it names, else of one
 * above it, else the only user of that address.  1: *ret_id.  0: the draft says why not.
 */
static int
find_sender(
    Db *db, OrderDraft *draft, const char *sender, int64_t *ret_id, GError **error)
{
	g_autoptr(GPtrArray) users = user_list(db, 0, sender, error);
	g_autoptr(Party) party = NULL;
	int found = 0;

	if (users == NULL)
		return -1;
	if (draft->party != NULL)
		found = party_find(db, draft->party, &party, error);
	if (found < 0)
		return -1;
	for (guint i = 0; i < users->len && party != NULL; i++) {
		const User *user = g_ptr_array_index(users, i);
		bool below;

		if (!party_is_at_or_below(db, party->id, user->party_id, &below, error))
			return -1;
		if (below && (*ret_id == 0 || user->party_id == party->id))
			*ret_id = user->id;
	}
	if (*ret_id == 0 && users->len == 1)
		*ret_id = ((const User *)g_ptr_array_index(users, 0))->id;
	if (*ret_id != 0)
		return 1;
	order_draft_error(draft, E_RIGHT, NULL, "party",
	    users->len == 0 ? "'%s' is no user here"
			    : "'%s' is no user of the party that orders",
	    sender);
	return 0;
}

/* The party of orders that name none: that of the sender, when there is only one. */
static bool
sender_party(Db *db, const char *sender, char **ret_code, GError **error)
{
	g_autoptr(GPtrArray) users = user_list(db, 0, sender, error);

	if (users == NULL)
		return false;
	if (users->len == 1)
		*ret_code = g_strdup(((const User *)g_ptr_array_index(users, 0))->party);
	return true;
}

bool
submit_place(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, json_t *answers,
    SubmitCount *count, int64_t *ret_id, GError **error)
{
	OrderStatus status = ORDER_REJECTED;

	if (!order_place(tx, draft, policy, &status, ret_id, error))
		return false;
	count_status(count, status);
	json_array_append_new(answers, answer_json(draft, status, policy));
	return true;
}

/* Orders first to last of the document, in one transaction. */
static bool
submit_some(Work *work, const GPtrArray *orders, guint first, guint last,
    const OrderPolicy *policy, const SubmitOptions *options, json_t *answers,
    SubmitCount *count, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(RightsQuotas) quotas = rights_quotas_new();
	json_t *fresh = json_array();
	SubmitCount counted = *count;
	bool ok = db_begin(work->db, DB_WRITE, &tx, error);

	for (guint i = first; i < last && ok; i++) {
		OrderDraft *draft = g_ptr_array_index(orders, i);
		OrderPolicy own = *policy;
		int64_t id;

		own.user_id = options->user_id;
		own.at_once = options->at_once;
		own.quotas = quotas;
		ok = (options->sender == NULL ||
			 find_sender(work->db, draft, options->sender, &own.user_id,
			     error) >= 0) &&
		     submit_place(&tx, draft, &own, fresh, &counted, &id, error);
	}
	FAULT("submit.commit");
	if (ok && !options->dry_run)
		ok = db_commit(&tx, error);
	FAULT("submit.committed");
	/* Answers count only once their orders are durable. */
	if (ok) {
		json_array_extend(answers, fresh);
		*count = counted;
	}
	json_decref(fresh);
	return ok;
}

bool
submit_check_disk(const Work *work, GError **error)
{
	const char *url = settings_text(work->settings, SET_STORE);
	g_autofree char *folder = NULL;
	struct statvfs disk;
	uint64_t left;

	if (!g_str_has_prefix(url, "sqlite:/"))
		return true;
	folder = g_path_get_dirname(url + strlen("sqlite:"));
	if (statvfs(folder, &disk) < 0)
		return true;
	left = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (left >= LIMIT_DISK_RESERVE_BYTES)
		return true;
	return err_set(error, TP_ERROR_IO,
	    "only %" G_GUINT64_FORMAT
	    " MiB are free in '%s': no new orders are taken below %d MiB; "
	    "deliveries go on",
	    left >> 20, folder, LIMIT_DISK_RESERVE_BYTES >> 20);
}

OrderPolicy
submit_policy(const Work *work)
{
	return (OrderPolicy){
		.partial = settings_number(work->settings, SET_INTAKE_PARTIAL) != 0,
		.max_quantity = MIN(settings_number(work->settings, SET_LIMIT_QUANTITY),
		    LIMIT_ORDER_QUANTITY),
		.zone = work->zone,
		.issue = work->vault != NULL ? &work->issue : NULL,
	};
}

static bool
submit_document(Work *work, const void *bytes, size_t size, const SubmitOptions *options,
    json_t *answers, SubmitCount *count, GError **error)
{
	g_autofree char *party = NULL;
	IntakeHint hint = { .source = options->source,
		.source_fixed = options->source_fixed,
		.may_be_cut = options->may_be_cut };
	OrderPolicy policy = submit_policy(work);
	g_autoptr(IntakeDocument) document = NULL;

	if (options->sender != NULL &&
	    !sender_party(work->db, options->sender, &party, error))
		return false;
	hint.party = party;
	document = intake_read_bytes(bytes, size, &hint, error);
	if (document == NULL)
		return false;
	for (guint i = 0; i < document->orders->len; i += ORDERS_A_COMMIT)
		if (!submit_some(work, document->orders, i,
			MIN(i + ORDERS_A_COMMIT, document->orders->len), &policy, options,
			answers, count, error))
			return false;
	return true;
}

/* A mail from a file: whoever hands it in vouches for it; its documents are taken one
 * after the other. */
static bool
submit_mail(Work *work, const void *bytes, size_t size, const SubmitOptions *options,
    json_t *answers, SubmitCount *count, GError **error)
{
	g_autoptr(GBytes) raw = g_bytes_new(bytes, size);
	g_autofree char *death = NULL;
	json_t *record = NULL;
	json_t *documents;
	int got = mail_reader_run(work, raw, &record, &death, error);
	bool ok = true;

	if (got < 0)
		return false;
	if (got == 0)
		return err_set(error, TP_ERROR_INVALID,
		    "E_FORMAT: the mail kills its reader: %s", death);
	documents = json_object_get(record, "documents");
	if (json_array_size(documents) == 0)
		ok = err_set(
		    error, TP_ERROR_INVALID, "E_FORMAT: the mail carries no order");
	for (size_t i = 0; ok && i < json_array_size(documents); i++) {
		g_autoptr(GBytes) document =
		    mail_reader_document(json_array_get(documents, i));
		gsize length;
		const void *data = g_bytes_get_data(document, &length);

		ok = submit_document(work, data, length, options, answers, count, error);
	}
	json_decref(record);
	return ok;
}

bool
submit_bytes(Work *work, const void *bytes, size_t size, const SubmitOptions *options,
    json_t *answers, SubmitCount *count, GError **error)
{
	if (!options->dry_run && !submit_check_disk(work, error))
		return false;
	if (intake_recognise(bytes, size) == INTAKE_MAIL)
		return submit_mail(work, bytes, size, options, answers, count, error);
	return submit_document(work, bytes, size, options, answers, count, error);
}

/* A pipe has no size: read up to the limit and one byte more. */
static bool
read_all(int fd, const char *path, GBytes **ret, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	char buffer[65536];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot read '%s'", path);
		g_byte_array_append(all, (const guint8 *)buffer, (guint)n);
		if (all->len > LIMIT_ORDER_FILE_BYTES)
			return err_set(error, TP_ERROR_INVALID,
			    "E_LIMIT: '%s' is longer than %d bytes", path,
			    LIMIT_ORDER_FILE_BYTES);
	}
	*ret = g_byte_array_free_to_bytes(g_steal_pointer(&all));
	return true;
}

bool
submit_read(const char *path, GBytes **ret, GError **error)
{
	bool ok;
	struct stat info;
	int fd;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", ret, error);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_errno(error, errno, "cannot open '%s'", path);
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
	    info.st_size > LIMIT_ORDER_FILE_BYTES)
		ok = err_set(error, TP_ERROR_INVALID,
		    "E_LIMIT: '%s' is longer than %d bytes", path,
		    LIMIT_ORDER_FILE_BYTES);
	else
		ok = read_all(fd, path, ret, error);
	close(fd);
	return ok;
}
