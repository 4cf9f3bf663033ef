# doors.awk - every #include <...> has a row in doors.txt that allows this file.
#
# usage: awk -v table=doors.txt -f strip.awk -f doors.awk FILE...

BEGIN {
	while ((getline row < table) > 0) {
		n = split(row, f, " ")
		if (n < 2 || f[1] ~ /^#/)
			continue
		header[++Doors] = glob_to_regex(f[1])
		for (i = 2; i <= n; i++)
			may[Doors, i - 1] = glob_to_regex(f[i])
		files[Doors] = n - 1
	}
}

FILENAME ~ /^tests\// {
	nextfile
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, q, /[<>]/)
	known = allowed = 0
	for (d = 1; d <= Doors && !allowed; d++) {
		if (q[2] !~ header[d])
			continue
		known = 1
		for (i = 1; i <= files[d]; i++)
			if (FILENAME ~ may[d, i])
				allowed = 1
	}
	if (!known)
		complain("<" q[2] "> has no row in tests/lint/doors.txt")
	else if (!allowed)
		complain("<" q[2] "> may not be included here: see tests/lint/doors.txt")
}
