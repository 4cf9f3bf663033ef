# shape.awk - a source file opens with what it is for; a header guards itself with a pragma.
#
# usage: awk -f shape.awk FILE...

function finish() {
	if (name ~ /[.]h$/ && !pragma) {
		print name ": no '#pragma once'"
		Bad = 1
	}
}

FNR == 1 {
	finish()
	name = FILENAME
	pragma = 0
	if ($0 !~ /^\/[*]/) {
		print FILENAME ":1: a file opens with a comment that says what it is for"
		Bad = 1
	}
}

/^#pragma once/ {
	pragma = 1
}

END {
	finish()
	exit Bad
}
