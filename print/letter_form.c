/*
 * letter_form.c - the two forms of DIN 5008.
 */
#include "print/letter_form.h"

#include <string.h>

/* The same in both forms. */
#define FIELD_X_MM 20.0
#define FIELD_WIDTH_MM 85.0
#define FIELD_HEIGHT_MM 45.0
#define REMARKS_HEIGHT_MM 17.7
#define INSET_MM 5.0
#define INFO_X_MM 125.0
#define INFO_WIDTH_MM 65.0 /* the standard has 75, which would end in the margin */
#define INFO_HEIGHT_MM 40.0

/* clang-format off */
static const struct {
	const char *name;
	double field_y, info_y, text_y, fold1, fold2;
} forms[] = {
#define FORM(id, name, field_y, info_y, text_y, fold1, fold2) \
	{ name, field_y, info_y, text_y, fold1, fold2 },
#include "print/letter_form.def"
#undef FORM
};
/* clang-format on */

bool
letter_form_get(const char *name, LetterForm *ret, GError **error)
{
	double x = FIELD_X_MM + INSET_MM, w = FIELD_WIDTH_MM - INSET_MM;

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		double y = forms[i].field_y;

		if (g_ascii_strcasecmp(forms[i].name, name) != 0)
			continue;
		*ret = (LetterForm){
			.name = forms[i].name,
			.field = { FIELD_X_MM, y, FIELD_WIDTH_MM, FIELD_HEIGHT_MM },
			.remarks = { x, y, w, REMARKS_HEIGHT_MM },
			.address = { x, y + REMARKS_HEIGHT_MM, w,
			    FIELD_HEIGHT_MM - REMARKS_HEIGHT_MM },
			.info = { INFO_X_MM, forms[i].info_y, INFO_WIDTH_MM,
			    INFO_HEIGHT_MM },
			.text_y_mm = forms[i].text_y,
			.fold1_mm = forms[i].fold1,
			.fold2_mm = forms[i].fold2,
		};
		return true;
	}
	return err_set(error, TP_ERROR_NOT_FOUND,
	    "there is no letter form '%.40s': it is din5008-a or din5008-b", name);
}
