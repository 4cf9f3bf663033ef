# readme.awk - each folder with sources has a README.md, and it names each of them.
#
# usage: awk -f readme.awk <LIST-OF-FILES
#
# One line may tell of a pair: "job.c/h", "job.[ch]" or plainly "job".  The folders below tests/
# are told of in tests/README.md.

{
	dir = name = $0
	sub(/\/[^\/]*$/, "", dir)
	sub(/.*\//, "", name)
	if (dir == name || dir ~ /^tests\/./)
		next
	if (!(dir in text)) {
		text[dir] = ""
		while ((getline line < (dir "/README.md")) > 0)
			text[dir] = text[dir] line "\n"
		close(dir "/README.md")
		if (text[dir] == "")
			print dir ": no README.md"
	}
	stem = name
	sub(/[.][ch]$/, "", stem)
	if (text[dir] != "" && text[dir] !~ ("(^|[^A-Za-z0-9_])" stem "([^A-Za-z0-9_]|$)"))
		print dir "/README.md: does not name " name
}
