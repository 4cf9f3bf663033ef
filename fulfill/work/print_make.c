/*
 * print_make.c - part after part: cards, list, labels, notes.
 */
#include "fulfill/work/print_make.h"

#include <string.h>

#include "fulfill/domain/print_file.h"
#include "fulfill/work/log.h"
#include "fulfill/work/piece_letter.h"
#include "fulfill/work/print_part.h"
#include "fulfill/work/print_place.h"
#include "print/press.h"
#include "queue/fault.h"
#include "queue/out.h"

#define LISTS_A_SLICE 4

static bool
needs(Work *work, const PrintBatch *batch, const PartKind *kind)
{
	if (kind->setting < 0)
		return true;
	return g_str_equal(batch->product, "sheet") &&
	       settings_text(work->settings, (SettingId)kind->setting) != NULL &&
	       strcmp(settings_text(work->settings, (SettingId)kind->setting), "false") !=
		   0;
}

static char *
file_name(const PrintBatch *batch, int part, const PartKind *kind)
{
	g_autofree char *number =
	    batch->parts > 1 ? g_strdup_printf("-%d", part) : g_strdup("");

	return g_strdup_printf(
	    "batch-%06" G_GINT64_FORMAT "%s%s", batch->id, number, kind->suffix);
}

/* Writes one file and notes it.  `part` is loaded. */
static bool
write_file(Work *work, PrintPart *part, const PartKind *kind, GError **error)
{
	g_autofree char *name = file_name(part->batch, part->number, kind);
	g_autofree char *path =
	    g_build_filename(settings_text(work->settings, SET_PRINT_FOLDER), name, NULL);
	g_autoptr(Out) out = out_open(path, error);
	g_auto(DbTx) tx = DB_TX_INIT;
	char sha256[65];
	PrintFile file = {
		.batch_id = part->batch->id,
		.part = part->number,
		.kind = (char *)(uintptr_t)kind->name,
		.name = name,
		.sha256 = sha256,
	};

	if (out == NULL || !kind->write(part, out, &file.pages, error))
		return false;
	g_strlcpy(sha256, out_sha256(out), sizeof(sha256));
	FAULT("print.file");
	if (!out_commit(out, error) || !db_begin(work->db, DB_WRITE, &tx, error) ||
	    !print_file_put(&tx, &file, error) || !db_commit(&tx, error))
		return false;
	FAULT("print.filed");
	return true;
}

/* Is it there, whole?  The row came after the file. */
static int
is_written(Work *work, const PrintPart *part, const PartKind *kind, GError **error)
{
	g_autoptr(PrintFile) file = NULL;
	g_autofree char *path = NULL;
	int found = print_file_find(
	    work->db, part->batch->id, part->number, kind->name, &file, error);

	if (found <= 0)
		return found;
	path = g_build_filename(
	    settings_text(work->settings, SET_PRINT_FOLDER), file->name, NULL);
	return !g_str_equal(file->state, "stale") &&
	       g_file_test(path, G_FILE_TEST_EXISTS);
}

/* The file of its kind is there. */
static void
part_done(const PrintPart *part)
{
	print_part_tell(part, part->n);
	if (part->bar != NULL)
		part->bar->done += part->kind->work;
}

static bool
write_part(Work *work, const PrintBatch *batch, const PrintGround *ground, Press *press,
    int number, bool again, PrintBar *bar, GError **error)
{
	PrintPart part = { .work = work,
		.batch = batch,
		.ground = ground,
		.press = press,
		.number = number,
		.bar = bar };
	g_autoptr(GPtrArray) pieces = NULL;

	for (const PartKind *kind = part_kinds; kind->name != NULL; kind++) {
		int written = again || !needs(work, batch, kind)
				  ? 0
				  : is_written(work, &part, kind, error);

		if (written < 0)
			return false;
		if (!needs(work, batch, kind))
			continue;
		part.kind = kind;
		if (written == 1) {
			part_done(&part);
			continue;
		}
		if (pieces == NULL) {
			pieces = print_piece_part(work->db, batch->id, number, error);
			if (pieces == NULL)
				return false;
			part.pieces = (PrintPiece **)pieces->pdata;
			part.n = (int)pieces->len;
		}
		if (!write_file(work, &part, kind, error)) {
			g_prefix_error(error, "%s: ", kind->name);
			return false;
		}
		part_done(&part);
	}
	return true;
}

static bool
finish(Work *work, const PrintBatch *batch, char **ret_path, GError **error)
{
	g_autoptr(PrintFile) first = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	if (print_file_find(work->db, batch->id, 1, "cards", &first, error) != 1 ||
	    !db_begin(work->db, DB_WRITE, &tx, error) ||
	    !print_batch_rendered(&tx, batch->id, first->sha256, error) ||
	    !db_commit(&tx, error))
		return false;
	*ret_path = g_build_filename(
	    settings_text(work->settings, SET_PRINT_FOLDER), first->name, NULL);
	return true;
}

/* Gives places, and reads the batch again. */
static PrintBatch *
place_all(Work *work, int64_t id, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(work->db, id, error);
	bool more = true;
	int n;

	if (batch == NULL)
		return NULL;
	if (batch->state != BATCH_CLOSED && batch->state != BATCH_RENDERED) {
		err_set(error, TP_ERROR_CONFLICT,
		    "it is %s: only what is closed is rendered, and nothing twice that "
		    "was sent to the printer",
		    batch_state_name(batch->state));
		return NULL;
	}
	while (batch->parts == 0 && more)
		if (!print_place(work, batch, &more, &n, error))
			return NULL;
	FAULT("print.placed");
	g_clear_pointer(&batch, print_batch_free);
	batch = print_batch_get(work->db, id, error);
	return g_steal_pointer(&batch);
}

static bool
make(Work *work, int64_t id, bool again, PrintProgress *progress, void *user,
    char **ret_path, GError **error)
{
	g_autoptr(PrintBatch) batch = place_all(work, id, error);
	g_autoptr(Press) press = NULL;
	PrintGround ground;
	PrintBar bar = { .tell = progress, .user = user };

	if (batch == NULL)
		return false;
	*ret_path = NULL;
	if (batch->state == BATCH_CANCELLED)
		return true;
	if (!print_ground(work, batch, &ground, error))
		return false;
	press = press_new(work->fonts);
	for (const PartKind *kind = part_kinds; kind->name != NULL; kind++)
		bar.all += needs(work, batch, kind) ? kind->work * batch->parts : 0;
	for (int part = 1; part <= batch->parts; part++)
		if (!write_part(work, batch, &ground, press, part, again, &bar, error))
			return false;
	return finish(work, batch, ret_path, error);
}

bool
print_make(Work *work, int64_t id, bool again, PrintProgress *progress, void *user,
    char **ret_path, GError **error)
{
	if (make(work, id, again, progress, user, ret_path, error))
		return true;
	g_prefix_error(error, "batch %" G_GINT64_FORMAT ": ", id);
	return false;
}

static bool
rewrite(Work *work, const PrintFile *file, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(work->db, file->batch_id, error);
	g_autoptr(Press) press = NULL;
	PrintGround ground;

	if (batch == NULL || !print_ground(work, batch, &ground, error))
		return false;
	press = press_new(work->fonts);
	/* Writes what is stale: the rest is there. */
	return write_part(work, batch, &ground, press, file->part, false, NULL, error);
}

bool
chore_print_lists(Work *work, bool *ret_more, GError **error)
{
	g_autoptr(GPtrArray) files =
	    print_file_in_state(work->db, "stale", LISTS_A_SLICE, error);

	if (files == NULL)
		return false;
	for (guint i = 0; i < files->len; i++)
		if (!rewrite(work, g_ptr_array_index(files, i), error))
			return false;
	*ret_more = files->len == LISTS_A_SLICE;
	return true;
}
