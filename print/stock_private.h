/*
 * stock_private.h - what stock.c and stock_glabels.c share.
 */
#pragma once

#include "print/stock.h"

/* Puts the page into *stock: its size and the name an IPP printer knows it by.  `pwg` is
 * the self-describing part of a registered size ("iso_sra3") or NULL for a custom one. */
void stock_set_page(Stock *stock, double w_mm, double h_mm, const char *pwg);
