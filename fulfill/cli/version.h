/*
 * version.h - the program's version, the only place where it stands.
 */
#pragma once

#define VERSION "0.1.0"
