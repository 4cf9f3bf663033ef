/*
 * piece_card.c - facts, code, address.
 */
#include "fulfill/work/piece_card.h"

#include <string.h>

void
piece_card_clear(PieceCard *shown)
{
	json_decref(shown->facts);
	memset(shown->code, 0, sizeof(shown->code));
	g_free(shown->url);
	g_free(shown->qr_text);
}

bool
piece_card_open(Work *work, const PrintPiece *piece, PieceCard *ret, GError **error)
{
	g_auto(Code) code = { 0 };
	const void *sealed;
	size_t size;

	ret->facts = json_loads(piece->context, 0, NULL);
	if (ret->facts == NULL || piece->sealed == NULL)
		return err_set(error, TP_ERROR_INVALID, "%s",
		    ret->facts == NULL ? "its facts cannot be read"
				       : "its code is not kept any more");
	sealed = g_bytes_get_data(piece->sealed, &size);
	if (!vault_unseal(work->vault, sealed, size, piece->lookup, &code, error))
		return false;
	code_format(&code, ret->code);
	ret->url = activation_url(work->settings, ret->code);
	ret->qr_text = qr_text_fold(ret->url);
	if (!logos_need(work->logos, work->db, piece->context, error))
		return false;
	ret->card =
	    card_from_facts(work->logos, ret->facts, ret->facts, ret->code, ret->qr_text,
		NULL, json_string_value(json_object_get(ret->facts, "language")));
	ret->card.serial = serial_format(SERIAL_CARD, piece->id, ret->serial);
	ret->card.reprint = piece->reprint;
	ret->card.back = settings_text(work->settings, SET_PRINT_BACK_TEXT);
	return true;
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

bool
piece_address_of(Work *work, const json_t *from, const char *company, const char *name,
    AddressBlock *ret, GError **error)
{
	const json_t *list = json_object_get(from, "lines");
	const char *lines[LIMIT_ADDRESS_LINES + 2] = { NULL };
	Address address = {
		.company = company,
		.name = name,
		.lines = lines,
		.postcode = text_of(from, "postcode"),
		.city = text_of(from, "city"),
		.region = text_of(from, "region"),
		.country = text_of(from, "country"),
	};

	/* One line too many is kept, to be refused by name. */
	for (size_t i = 0; i < json_array_size(list) && i <= LIMIT_ADDRESS_LINES; i++)
		lines[i] = json_string_value(json_array_get(list, i));
	if (address.country == NULL)
		address.country = settings_text(work->settings, SET_COUNTRY);
	if (g_strcmp0(address.company, address.name) == 0)
		address.company = NULL;
	return address_format(&address, settings_text(work->settings, SET_COUNTRY),
	    settings_text(work->settings, SET_LANGUAGE), ret, error);
}

bool
piece_address(Work *work, const json_t *facts, AddressBlock *ret, GError **error)
{
	const json_t *from = json_object_get(facts, "address");

	if (from == NULL)
		return err_set(
		    error, TP_ERROR_INVALID, "address: the recipient has none");
	return piece_address_of(work, from, text_of(facts, "company"),
	    facts_text(facts, "recipient", "name"), ret, error);
}

bool
piece_is_void(const PrintPiece *piece)
{
	return piece->state == PIECE_PULLED || piece->state == PIECE_SPOILED;
}
