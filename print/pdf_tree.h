/*
 * pdf_tree.h - the page tree of a PDF (ISO 32000-1 7.7.3), written while it grows.
 *
 * A flat list of 10,000 pages is allowed but slow in readers, so pages hang in nodes of
 * 64, nodes in nodes, and only one open node a level is kept.
 */
#pragma once

#include "print/pdf.h"

#define PDF_TREE_KIDS 64
#define PDF_TREE_LEVELS 5 /* 64^5 pages: more than a PDF can have */

typedef struct PdfNode {
	int number; /* of its object; 0: not open */
	int kids[PDF_TREE_KIDS];
	int n_kids;
	int pages; /* below it */
} PdfNode;

/* All zeros is an empty tree. */
typedef struct PdfTree {
	PdfNode nodes[PDF_TREE_LEVELS];
} PdfTree;

bool pdf_tree_is_empty(const PdfTree *tree);

/* Hangs page object `page` in; returns the object number of its parent. */
int pdf_tree_add(PdfTree *tree, Pdf *pdf, int page);

/* Writes the nodes still open, the root with the entries `inherited`
 * ("/Resources<<...>>"); returns the root's object number.  The tree is not empty. */
int pdf_tree_close(PdfTree *tree, Pdf *pdf, const char *inherited);
