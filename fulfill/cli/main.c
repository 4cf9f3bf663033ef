/*
 * main.c - the program starts here.
 */
#include <stdio.h>
#include <sysexits.h>

#include "queue/clock.h"

int
main(void)
{
	clock_init();
	return EX_OK;
}
