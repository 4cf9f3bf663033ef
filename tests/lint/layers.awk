# layers.awk - every #include "..." obeys the order of the shelves in shelves.txt.
#
# usage: awk -v table=shelves.txt -f strip.awk -f layers.awk FILE...

BEGIN {
	while ((getline row < table) > 0) {
		n = split(row, f, " ")
		if (n < 2 || f[1] ~ /^#/)
			continue
		Shelf[f[2]] = f[1]
		for (i = 3; i <= n; i++)
			Sideways[f[2]] = Sideways[f[2]] "|" glob_to_regex(f[i])
	}
}

# The folder of a file as shelves.txt knows it: "queue", "fulfill/domain".
function folder(path,    f, n) {
	n = split(path, f, "/")
	if (n < 2)
		return ""
	return f[1] == "fulfill" && n > 2 ? f[1] "/" f[2] : f[1]
}

function sideways_allowed(from, path,    p, n, i) {
	n = split(Sideways[from], p, "|")
	for (i = 2; i <= n; i++)
		if (path ~ p[i])
			return 1
	return 0
}

FILENAME ~ /^tests\// {
	nextfile
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	from = folder(FILENAME)
	to = folder(q[2])
	if (!(from in Shelf))
		complain("the folder '" from "' has no shelf in tests/lint/shelves.txt")
	else if (to == "")
		complain("include '" q[2] "' from the root: \"folder/file.h\"")
	else if (!(to in Shelf))
		complain("'" q[2] "' is on no shelf")
	else if (Shelf[to] > Shelf[from])
		complain("'" q[2] "' is on shelf " Shelf[to] ", above " from " on shelf " Shelf[from])
	else if (Shelf[to] == Shelf[from] && to != from && !sideways_allowed(from, q[2]))
		complain("'" q[2] "' is sideways from " from)
}
