/*
 * mail_leave.h - the address in List-Unsubscribe, and mails to it.
 *
 * "leave+TOKEN@BOUNCE_DOMAIN" names one recurring mail, and only we can make it: whoever
 * writes there is its reader, and gets no more (mail_stop.h).  Nothing is answered.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/work.h"

/* For mail `mail_id`; the caller's. */
char *mail_leave_address(const Work *work, const char *domain, int64_t mail_id);

/* The mail that `address` names; 0: it is no such address. */
int64_t mail_leave_of(const Work *work, const char *address);

/* The mail whose reader wrote this one to leave; 0: it is about something else. */
int64_t mail_leave_find(const Work *work, const MailIn *mail, const json_t *record);
