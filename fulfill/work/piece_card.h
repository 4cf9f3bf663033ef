/*
 * piece_card.h - from a piece's stored facts and sealed code to what is printed of it.
 */
#pragma once

#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/print_piece.h"
#include "fulfill/domain/serial.h"
#include "fulfill/work/card_facts.h"
#include "fulfill/work/work.h"
#include "print/address.h"

/* A card and everything it points into; begin with { 0 }. */
typedef struct PieceCard {
	json_t *facts;
	char code[CODE_TEXT_SIZE];
	char *url;
	char *qr_text;
	char serial[SERIAL_SIZE];
	CardData card;
} PieceCard;

void piece_card_clear(PieceCard *shown);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PieceCard, piece_card_clear)

/* INVALID when its facts cannot be read or its code is not kept any more. */
bool piece_card_open(
    Work *work, const PrintPiece *piece, PieceCard *ret, GError **error) MUST_USE;

/* Where it goes, as lines.  INVALID, naming the field. */
bool piece_address(
    Work *work, const json_t *facts, AddressBlock *ret, GError **error) MUST_USE;

/* The same of an address of the master data; a company or a name must be there. */
bool piece_address_of(Work *work, const json_t *address, const char *company,
    const char *name, AddressBlock *ret, GError **error) MUST_USE;

/* The card must not be printed any more: pulled or spoiled. */
bool piece_is_void(const PrintPiece *piece);
