# embed.awk - turn text files into one C table, so that the program carries its own schema
# and its own templates.  Usage: awk -v table=NAME -f embed.awk FILE...
#
# Byte for byte: every line gets its newline back, and nothing else is added.  C11 promises
# only 4095 characters in one literal, gcc and clang take far more.

function esc(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	gsub(/\?/, "\\?", s)
	gsub(/\t/, "\\t", s)
	gsub(/\r/, "\\r", s)
	return s
}
BEGIN {
	print "/* made by queue/embed.awk; do not edit */"
	print "#include \"queue/embed.h\""
	printf "const EmbedFile %s[] = {\n", table
}
FNR == 1 {
	if (open)
		print " ) },"
	printf "\t{ \"%s\", EMBED_TEXT(\n", FILENAME
	open = 1
}
{ printf "\t\"%s\\n\"\n", esc($0) }
END {
	if (open)
		print " ) },"
	print "\t{ NULL, NULL, 0 },"
	print "};"
}
