/*
 * mail_transport.c - settings and secrets become sender options.
 */
#include "fulfill/work/mail_transport.h"

Sender *
mail_transport_open(Work *work, SenderDone done, GError **error)
{
	const Settings *s = work->settings;
	int timeout_ms = (int)settings_number(s, SET_MAIL_TIMEOUT) * 1000;
	SenderOptions options = {
		.url = settings_text(s, SET_MAIL_TRANSPORT),
		.done = done,
		.connections = (int)settings_number(s, SET_MAIL_CONNECTIONS),
		.domain_connections = (int)settings_number(s, SET_MAIL_PER_DOMAIN),
		.hello = settings_text(s, SET_MAIL_HELO),
		.user = vault_secret(work->vault, "smtp", "user"),
		.password = vault_secret(work->vault, "smtp", "password"),
		.ca_file = settings_text(s, SET_MAIL_CA_FILE),
		.command_timeout_ms = timeout_ms,
		.dot_timeout_ms = 2 * timeout_ms,
	};

	return sender_open(&options, error);
}
