# ipp.sh - an IPP printer on the loopback, for tests from outside; sourced after lib.sh.
#
# ippeveprinter will not start without DNS-SD, so it gets a message bus and an avahi-daemon of
# its own, in $TMP, announcing on the loopback only.

# ipp_bus - once, before the first printer.
ipp_bus() {
	cat >"$TMP/bus.conf" <<-X
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig><type>system</type><listen>unix:path=$TMP/bus</listen><auth>EXTERNAL</auth>
		<policy context="default"><allow user="*"/><allow own="*"/>
		<allow send_destination="*" eavesdrop="true"/><allow send_type="method_return"/>
		<allow send_type="error"/><allow receive_sender="*"/>
		<allow receive_type="method_return"/><allow receive_type="error"/>
		<allow receive_type="signal"/><allow receive_type="method_call"/></policy></busconfig>
	X
	cat >"$TMP/avahi.conf" <<-X
		[server]
		host-name=ticketpost-test
		use-ipv4=yes
		use-ipv6=no
		allow-interfaces=lo
		enable-dbus=yes
		disallow-other-stacks=no
		[publish]
		publish-workstation=no
	X
	export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$TMP/bus"
	start bus dbus-daemon --config-file="$TMP/bus.conf" --nofork
	wait_for 30 test -S "$TMP/bus" || return 1
	# -f FILE needs no root beyond the bus; it must not chroot away from it.
	start avahi avahi-daemon -f "$TMP/avahi.conf" --no-drop-root --no-chroot --no-rlimits
	wait_for 30 grep -q 'startup complete' "$TMP/avahi.log"
}

# ipp_printer NAME [OPTION...] - sets $PRINTER; what it prints ends in $TMP/NAME.spool.
ipp_printer() {
	printer_name=$1
	shift
	printer_port=$(free_port)
	mkdir -p "$TMP/$printer_name.spool"
	start "$printer_name" ippeveprinter -r off -p "$printer_port" -n localhost \
	    -d "$TMP/$printer_name.spool" -k -f application/pdf "$@" "Cards $printer_name"
	PRINTER=ipp://localhost:$printer_port/ipp/print
	wait_port "$printer_port"
}

# ipp_cups QUEUE PRINTER-URI - a CUPS of its own, with one queue that hands files on as they are;
# sets $CUPS_QUEUE.  Everything it keeps lies in $TMP/cups.
ipp_cups() {
	cups_port=$(free_port)
	# Its back ends run as another user.
	chmod 711 "$TMP"
	mkdir -p "$TMP/cups/run" "$TMP/cups/cache" "$TMP/cups/spool/tmp"
	cat >"$TMP/cups/files.conf" <<-X
		ServerRoot $TMP/cups
		ServerBin /usr/lib/cups
		DataDir /usr/share/cups
		StateDir $TMP/cups/run
		CacheDir $TMP/cups/cache
		RequestRoot $TMP/cups/spool
		TempDir $TMP/cups/spool/tmp
		AccessLog $TMP/cups/access
		ErrorLog $TMP/cups/error
		PageLog $TMP/cups/page
	X
	cat >"$TMP/cups/cupsd.conf" <<-X
		Listen localhost:$cups_port
		LogLevel info
		WebInterface No
		Browsing Off
		DefaultAuthType None
		MaxLogSize 0
		JobRetryInterval 1
		<Location />
		  Order allow,deny
		  Allow localhost
		</Location>
		<Policy default>
		  <Limit All>
		    Order deny,allow
		    Allow localhost
		  </Limit>
		</Policy>
	X
	start cupsd cupsd -f -c "$TMP/cups/cupsd.conf" -s "$TMP/cups/files.conf"
	wait_port "$cups_port" || return 1
	lpadmin -h "localhost:$cups_port" -p "$1" -E -v "$2" -m raw -o printer-error-policy=stop-printer 2>"$TMP/lpadmin.log" || {
		cat "$TMP/lpadmin.log"
		return 1
	}
	CUPS_QUEUE=ipp://localhost:$cups_port/printers/$1
}
