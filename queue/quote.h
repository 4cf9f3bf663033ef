/*
 * quote.h - foreign text inside an error message.
 *
 * Messages are one line, go to terminals, logs and answers, and say what was wrong by
 * showing it.  What they show may be a megabyte, may not be UTF-8, and may hold escape
 * sequences for somebody's terminal.
 */
#pragma once

#include <glib.h>

/*
 * At most QUOTE_CHARS characters of `text` (NULL reads as ""), with "..." when there was
 * more; valid UTF-8, each control and each formatting character (line separators, bidi
 * overrides) as '?'.  Never for secrets: the caller frees.
 */
#define QUOTE_CHARS 40
char *quote(const char *text) G_GNUC_WARN_UNUSED_RESULT;
