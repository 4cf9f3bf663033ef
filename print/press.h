/*
 * press.h - the lean pen and what it keeps between documents.
 *
 * A Press holds what is dear to make and the same for every card: opened deflate states,
 * outlines ready for embedding, compressed font programs used lately.  None of it can be
 * seen in the output: a document's bytes depend on its own calls only, whatever was
 * printed before, so that a retry sends the same bytes.
 *
 * A Press belongs to one thread and draws one document at a time.
 */
#pragma once

#include "print/pen.h"

typedef struct Press Press;

/* `fonts` must outlive the press. */
Press *press_new(const FontSet *fonts);
void press_free(Press *press);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Press, press_free)

const FontSet *press_fonts(const Press *press);

/* How hard to compress: an attachment is made in a hurry, a sheet is kept. */
typedef enum PressEffort {
	PRESS_FAST,
	PRESS_SMALL,
} PressEffort;

/*
 * The lean pen: pages are compressed and written as they end, fonts at the end with only
 * the glyphs used.  Text is coded as UTF-16 and can be copied and searched.  PDF 1.5.
 */
Pen *pen_lean_new(Press *press, PressEffort effort, PenWrite *write, void *context);
