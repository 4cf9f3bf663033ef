/*
 * day_private.h - digits in fixed places, for day.c and day_zone.c only.
 */
#pragma once

#include <stddef.h>

/*
 * Matches `text` from its start against `shape`, where each '0' stands for an ASCII digit
 * and everything else for itself, and stores the number of each run of digits (at most
 * four of them).  Returns how many characters matched: all of the shape, or 0.
 */
size_t day_shape_match(const char *text, const char *shape, int *numbers);

/* Writes `n` as `width` digits without a NUL; returns the end. */
char *day_put_digits(char *at, int n, int width);
