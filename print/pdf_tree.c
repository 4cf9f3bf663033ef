/*
 * pdf_tree.c - nodes that are written when they are full.
 */
#include "print/pdf_tree.h"

static void
close_node(PdfTree *tree, Pdf *pdf, int level, int parent, const char *inherited)
{
	PdfNode *node = &tree->nodes[level];
	GString *text = pdf_object_begin(pdf, node->number);

	g_string_append_printf(text, "<</Type/Pages/Count %d", node->pages);
	if (parent != 0) {
		g_string_append_printf(text, "/Parent %d 0 R", parent);
	} else {
		/* The root: every page inherits it. */
		g_string_append(text, inherited);
	}
	for (int i = 0; i < node->n_kids; i++)
		g_string_append_printf(
		    text, "%s%d 0 R", i == 0 ? "/Kids[" : " ", node->kids[i]);
	g_string_append(text, "]>>");
	pdf_object_end(pdf);
	*node = (PdfNode){ .number = 0 };
}

/* Hangs `kid` with `pages` pages below it into the tree; returns its parent. */
static int
hang(PdfTree *tree, Pdf *pdf, int level, int kid, int pages)
{
	PdfNode *node = &tree->nodes[level];

	if (node->n_kids == PDF_TREE_KIDS) {
		int full = node->number;

		close_node(tree, pdf, level,
		    hang(tree, pdf, level + 1, full, node->pages), NULL);
	}
	if (node->number == 0)
		node->number = pdf_number(pdf);
	node->kids[node->n_kids++] = kid;
	node->pages += pages;
	return node->number;
}

bool
pdf_tree_is_empty(const PdfTree *tree)
{
	return tree->nodes[0].number == 0;
}

int
pdf_tree_add(PdfTree *tree, Pdf *pdf, int page)
{
	return hang(tree, pdf, 0, page, 1);
}

int
pdf_tree_close(PdfTree *tree, Pdf *pdf, const char *inherited)
{
	int top = PDF_TREE_LEVELS - 1;
	int root;

	while (tree->nodes[top].number == 0)
		top--;
	for (int level = 0; level < top; level++) {
		PdfNode *node = &tree->nodes[level];

		if (node->number != 0)
			close_node(tree, pdf, level,
			    hang(tree, pdf, level + 1, node->number, node->pages), NULL);
	}
	/* Hanging the last ones in may have filled the top and opened one above. */
	while (top + 1 < PDF_TREE_LEVELS && tree->nodes[top + 1].number != 0) {
		PdfNode *node = &tree->nodes[top];

		close_node(tree, pdf, top,
		    hang(tree, pdf, top + 1, node->number, node->pages), NULL);
		top++;
	}
	root = tree->nodes[top].number;
	close_node(tree, pdf, top, 0, inherited);
	return root;
}
