/*
 * print_part.h - what is written of one part of a batch: a table of kinds of files.
 */
#pragma once

#include "fulfill/work/print_place.h"
#include "print/press.h"
#include "queue/out.h"

typedef struct PrintPart {
	Work *work;
	const PrintBatch *batch;
	const PrintGround *ground;
	Press *press;
	int number;                /* from 1 */
	PrintPiece *const *pieces; /* by place; void ones too */
	int n;
} PrintPart;

typedef struct PartKind {
	const char *name;   /* of print_file.kind */
	const char *suffix; /* of the file's name */
	int setting;        /* that asks for it; -1: always */
	bool (*write)(PrintPart *part, Out *out, int *ret_pages, GError **error);
} PartKind;

/* Ended by a row without a name; the cards come first. */
extern const PartKind part_kinds[];
