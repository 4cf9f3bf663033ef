#!/bin/sh
# qr.sh [-r DPI] FILE... - read the QR codes of pictures and of the pages of PDFs.
#
# Prints "FILE PAGE<TAB>CONTENT" for each code, in the order of pages (a picture is page 1).
# Pages are drawn at 300 dpi, the resolution at which a card must scan.  Exit 1 when some file
# has no code at all, 69 when a program is missing.
set -u
dpi=300
if [ "${1:-}" = -r ]; then
	dpi=$2
	shift 2
fi
[ $# -gt 0 ] || { echo "usage: qr.sh [-r DPI] FILE..." >&2; exit 64; }
for program in zbarimg pdftoppm; do
	command -v $program >/dev/null 2>&1 || { echo "qr.sh: $program is not installed" >&2; exit 69; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# codes FILE PAGE PICTURE - bar codes are switched off: zbar takes some lines of text for one.
codes() {
	zbarimg -q --raw -Sdisable -Sqrcode.enable "$3" 2>/dev/null >"$dir/codes"
	while IFS= read -r code; do
		printf '%s %d\t%s\n' "$1" "$2" "$code"
		found=1
	done <"$dir/codes"
}

status=0
for file in "$@"; do
	found=
	case $file in
	*.pdf)
		rm -f "$dir"/page*
		pdftoppm -r "$dpi" -gray "$file" "$dir/page"
		page=0
		# pdftoppm pads its numbers, so that the names sort as the pages do.
		for picture in "$dir"/page*; do
			page=$((page + 1))
			codes "$file" $page "$picture"
		done
		;;
	*) codes "$file" 1 "$file" ;;
	esac
	[ -n "$found" ] || { echo "qr.sh: no code in '$file'" >&2; status=1; }
done
exit $status
