/*
 * stock.h - the paper a sheet is printed on: a page and the grid of labels on it.
 *
 * All lengths are millimetres, origin at the top left corner of the page, y downwards, as
 * makers of labels print them on the box.  Slots count from 0, row by row from the top
 * left.  Nothing here draws.
 *
 * A stock has a name in one of three forms, wherever an operator may write one:
 *
 *   avery-c32011-10                      a row of stock.def
 *   gLabels:Avery/L4785                  a template of the glabels-data package, if
 * installed a4:2x5:85x54:15,13.5:95,54           geometry: PAGE:COLSxROWS:WxH:X0,Y0:DX,DY
 *                                        PAGE is a4 a5 a6 letter legal or WxH; a tail
 *                                        ":r4" rounds corners, ":cut" asks for crop marks
 */
#pragma once

#include <stddef.h>

#include "queue/err.h"

typedef struct Stock {
	char name[96]; /* as it was asked for; finds the same stock again */
	char title[96];
	char media[64]; /* IPP media name, "iso_a4_210x297mm" */
	double page_w_mm, page_h_mm;
	int cols, rows;
	double label_w_mm, label_h_mm;
	double x0_mm, y0_mm; /* of the first label */
	double dx_mm, dy_mm; /* from one label's corner to the next one's */
	double radius_mm;    /* of the label's corners, 0 for square ones */
	bool cut;            /* has no perforation: wants crop marks */
} Stock;

/* The i-th built-in stock, for lists; the first (0) is the default.  false: that was all.
 */
bool stock_nth(size_t i, Stock *ret);

/* Finds `name` in any of the three forms and checks it.
 * false: NOT_FOUND (the text says where was looked), CONFIG (glabels-data is not
 * installed or its file is broken), INVALID (geometry that does not parse or does not
 * fit). */
bool stock_get(const char *name, Stock *ret, GError **error) MUST_USE;

/* Reads a geometry.  false: INVALID, naming the part that is wrong. */
bool stock_parse(const char *text, Stock *ret, GError **error) MUST_USE;

/* The geometry of any stock as text that stock_parse() reads; the caller's to free. */
char *stock_format(const Stock *stock);

/* A stock can be printed on: sane figures, all labels on the page, none over another.
 * Half a millimetre beyond the edge and a tenth of overlap pass: makers round so.
 * false: INVALID, naming the figure. */
bool stock_check(const Stock *stock, GError **error) MUST_USE;

/* Labels on one page. */
int stock_slots(const Stock *stock);

/* The top left corner of `slot`, 0 <= slot < stock_slots(). */
void stock_slot(const Stock *stock, int slot, double *ret_x_mm, double *ret_y_mm);
