/*
 * mail_transport.h - the sender that the settings describe.
 */
#pragma once

#include "fulfill/work/work.h"
#include "mailer/sender.h"

/* `done` hears what became of each message. */
Sender *mail_transport_open(Work *work, SenderDone done, GError **error) MUST_USE;
