#!/bin/sh
# deps.sh build|test... - install the packages of these sets with apt when run as root or
# with sudo; otherwise say exactly what to install.  Quick when nothing is missing.
set -eu

build="gcc make pkg-config scdoc libglib2.0-dev libsqlite3-dev libpq-dev libcurl4-gnutls-dev libetpan-dev
  libhpdf-dev libcups2-dev libqrencode-dev libdeflate-dev libpng-dev zlib1g-dev libjansson-dev libcsv-dev libsodium-dev
  libsmartcols-dev libidn2-dev libxml2-dev libical-dev libgpgme-dev fonts-dejavu-core"
test="libcmocka-dev clang libclang-rt-dev clang-format gcovr valgrind python3 openssl dovecot-imapd opendkim opendkim-tools postfix postgresql zbar-tools
  poppler-utils qpdf minisign chromium cups-ipp-utils cups-daemon cups-client cups-core-drivers avahi-daemon dbus glabels-data fonts-droid-fallback python3-dateutil
  strace faketime sqlite3 gpg gpgsm gpg-agent iproute2"

want=
for set in "$@"; do
	case $set in
	build) want="$want $build" ;;
	test) want="$want $test" ;;
	*) echo "deps.sh: unknown set '$set'" >&2; exit 64 ;;
	esac
done

missing=
for p in $want; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || :)
	[ "$status" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root=sudo
else
	echo "These packages are missing; install them with:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 69
fi

echo "installing:$missing"
# Packaged daemons must not start: the tests bring up their own, on their own ports.
policy=/usr/sbin/policy-rc.d
made_policy=
if [ ! -e $policy ]; then
	made_policy=1
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi
log=$(mktemp)
status=0
{
	$as_root apt-get update -qq &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $missing
} >"$log" 2>&1 || status=$?
[ -z "$made_policy" ] || $as_root rm -f $policy
[ $status = 0 ] || { tail -n 20 "$log" >&2; rm -f "$log"; exit 69; }
rm -f "$log"
