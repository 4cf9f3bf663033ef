/*
 * supervise.h - `ticketpost run`: a small parent, N workers, one intake child.
 *
 * The parent opens nothing but the settings.  What dies is started again with back-off;
 * HUP starts all anew with the settings read again (bad ones are refused and the old
 * stay); TERM and INT stop all and wait.  Under systemd it says READY=1 and STOPPING=1.
 */
#pragma once

#include "fulfill/work/settings.h"

/* The exit code, or -1 with error set when nothing could be started. */
int supervise(const char *settings_path, const Settings *settings, GError **error);
