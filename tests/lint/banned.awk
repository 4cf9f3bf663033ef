# banned.awk - no call of a function of banned.txt, no comment that starts with two slashes.
#
# usage: awk -v table=banned.txt -f strip.awk -f banned.awk FILE...

BEGIN {
	while ((getline row < table) > 0) {
		split(row, f, " ")
		if (f[1] == "" || f[1] ~ /^#/)
			continue
		instead[f[1]] = substr(row, length(f[1]) + 1)
		sub(/^ +/, "", instead[f[1]])
		any = any (any == "" ? "" : "|") f[1]
	}
	any = "(^|[^A-Za-z0-9_])(" any ")[ \t]*[(]"
}

{
	code = strip($0)
	if (SlashComment)
		complain("comments are written /* so */")
	while (match(code, any)) {
		name = substr(code, RSTART, RLENGTH)
		gsub(/[^A-Za-z0-9_]/, "", name)
		complain(name "() is banned: use " instead[name])
		code = substr(code, RSTART + RLENGTH)
	}
}
