/*
 * packlist_csv.c - the packing list for a spreadsheet or a shipping program.
 */
#include "print/packlist_private.h"
#include "queue/csv_out.h"

static void
add_row(GString *out, const PackList *list, int i)
{
	const PackPiece *p = &list->pieces[i];

	csv_out_text(out, list->batch);
	csv_out_number(out, i + 1);
	if (p->sheet > 0) {
		csv_out_number(out, p->sheet);
		csv_out_number(out, p->place);
	} else {
		csv_out_text(out, NULL);
		csv_out_text(out, NULL);
	}
	csv_out_text(out, p->order);
	csv_out_text(out, p->recipient);
	csv_out_text(out, p->product);
	csv_out_text(out, p->serial);
	csv_out_number(out, p->reprint);
	csv_out_text(out, p->is_removed ? "remove" : "pack");
	csv_out_end(out);
}

bool
packlist_csv(const PackList *list, GString *out, GError **error)
{
	static const char *const titles[] = { "batch", "number", "sheet", "place",
		"order", "recipient", "product", "serial", "reprint", "action", NULL };

	if (!packlist_check(list, error))
		return false;
	csv_out_row(out, titles);
	for (int i = 0; i < list->n_pieces; i++)
		add_row(out, list, i);
	return true;
}
