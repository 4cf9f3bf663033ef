/*
 * work.h - what a process needs to do work: settings, store, keys, texts, fonts.
 *
 * A Work belongs to one process; after fork() open another.  Reading parts (texts, fonts,
 * keys) may be used by its render thread.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/issue/vault.h"
#include "fulfill/work/settings.h"
#include "print/fontset.h"
#include "queue/job.h"
#include "templates/tmpl_set.h"

typedef struct Work {
	const Settings *settings; /* borrowed */
	Db *db;
	Vault *vault;        /* WORK_KEYS */
	TmplSet *templates;  /* WORK_TEXTS */
	FontSet *fonts;      /* WORK_FONTS */
	struct Logos *logos; /* logos.h */
	GTimeZone *zone;
	IssueContext issue;
	struct Connector *issuer; /* remote_connector.h; NULL: not opened */
	struct Connector *portal;
	struct Connector *reports;
	char *owner; /* of leases: "host/pid" */
} Work;

typedef enum WorkNeeds {
	WORK_STORE = 0,
	WORK_KEYS = 1 << 0,
	WORK_TEXTS = 1 << 1,
	WORK_FONTS = 1 << 2,
	WORK_ALL = WORK_KEYS | WORK_TEXTS | WORK_FONTS,
	WORK_UNMIGRATED = 1 << 3, /* the store may be behind: for migrate */
} WorkNeeds;

/* CONFIG when a setting, key file, text or font is wrong or the store's schema is not
 * today's. */
Work *work_open(const Settings *settings, WorkNeeds needs, GError **error) MUST_USE;
void work_close(Work *work);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Work, work_close)

/* The kinds of jobs with the settings applied; called by work_open(). */
void work_kinds_set(const Settings *settings);

/* The instance's own texts: its folder `templates` beside the settings file.  To be
 * freed. */
char *work_templates_folder(const Settings *settings);
