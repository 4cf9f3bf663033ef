# quiet.awk - below fulfill/work nothing prints, logs or exits: functions return errors.
#
# usage: awk -f strip.awk -f quiet.awk FILE...

FILENAME ~ /^(tests|fulfill\/(work|cli|web))\// {
	nextfile
}

{
	code = strip($0)
	if (match(code, /(^|[^A-Za-z0-9_])(v?printf|puts|putchar|perror|g_print|g_printerr|g_log|g_message|g_warning|g_info|g_debug|g_critical|syslog|exit)[ \t]*[(]/) ||
	    match(code, /(^|[^A-Za-z0-9_])(v?fprintf|fputs|fputc)[ \t]*[(].*std(out|err)/))
		complain("nothing below fulfill/work prints, logs or exits: return an error")
}
