/*
 * settings.h - ticketpost.conf, read once, checked whole.
 *
 * The file is looked for in this order: --config, $TICKETPOST_CONFIG, ./ticketpost.conf,
 * /etc/ticketpost/ticketpost.conf.  Paths in it are relative to its folder.
 */
#pragma once

#include "queue/err.h"

typedef enum SettingId {
#define SECTION(name, help)
#define SETTING(id, section, key, type, preset, help) SET_##id,
#include "fulfill/work/settings.def"
#undef SECTION
#undef SETTING
	N_SETTINGS
} SettingId;

typedef struct Settings Settings;

/* CONFIG, with every fault as "file:line: [section] key: reason" on a line of its own. */
Settings *settings_read(const char *path, GError **error) MUST_USE;
void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

/* Which file is meant; NULL with CONFIG when there is none.  `path` is --config or NULL.
 */
char *settings_locate(const char *path, GError **error) MUST_USE;

/* The file's folder, absolute. */
const char *settings_folder(const Settings *settings);

const char *settings_text(const Settings *settings, SettingId id); /* NULL: not set */
int64_t settings_number(
    const Settings *settings, SettingId id); /* NUMBER, SPAN (s), BOOL */

double settings_decimal(const Settings *settings, SettingId id);

/* The commented file of `ticketpost init`; `name` is the vendor's. */
char *settings_sample(void);
