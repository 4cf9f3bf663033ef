/*
 * main.c - the program starts here; the commands stand in cmd.def.
 */
#include <locale.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "fulfill/cli/cmd.h"
#include "queue/clock.h"

int
main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	/* Files hold secrets or personal data: nobody else's business (SG-15).  And no
	 * core file may hold a code (SG-5). */
	umask(077);
	prctl(PR_SET_DUMPABLE, 0);
	clock_init();
	return cmd_main(argc, argv);
}
