/*
 * print_part.h - what is written of one part of a batch: a table of kinds of files.
 */
#pragma once

#include "fulfill/work/print_place.h"
#include "print/press.h"
#include "queue/out.h"

/* Told when it has risen; 100 once all is written. */
typedef void PrintProgress(void *user, int percent);

/* How far a batch is, in shares of work (PartKind.work) times its parts. */
typedef struct PrintBar {
	PrintProgress *tell; /* NULL: nobody watches */
	void *user;
	int done, all;
	int percent; /* as told */
} PrintBar;

typedef struct PrintPart {
	Work *work;
	const PrintBatch *batch;
	const PrintGround *ground;
	Press *press;
	int number;                /* from 1 */
	PrintPiece *const *pieces; /* by place; void ones too */
	int n;
	const struct PartKind *kind; /* being written */
	PrintBar *bar;               /* or NULL */
} PrintPart;

typedef struct PartKind {
	const char *name;   /* of print_file.kind */
	const char *suffix; /* of the file's name */
	int setting;        /* that asks for it; -1: always */
	int work;           /* to write it, beside the others */
	bool (*write)(PrintPart *part, Out *out, int *ret_pages, GError **error);
} PartKind;

/* `n` pieces of the file being written are drawn; all of them: it is done. */
void print_part_tell(const PrintPart *part, int n);

/* Ended by a row without a name; the cards come first. */
extern const PartKind part_kinds[];
