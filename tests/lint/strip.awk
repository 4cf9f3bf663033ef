# strip.awk - tell C code from comments and strings.  Loaded before the other programs.
#
# strip(line) returns the code of the line: comments are gone, each string or character
# constant is an empty pair of quotes.  It also sets
#
#   Text          the contents of the string constants of this line, run together
#   SlashComment  1 when the line has a comment that starts with two slashes
#
# Call it for every line of a file in order: a comment may be open from the line before.

function strip(line,    out, c) {
	if (FNR == 1)
		InComment = 0
	out = Text = ""
	SlashComment = 0
	while (line != "") {
		if (InComment) {
			c = index(line, "*/")
			if (!c)
				break
			InComment = 0
			line = substr(line, c + 2)
			out = out " "
			continue
		}
		if (!match(line, /\/\*|\/\/|"|'/)) {
			out = out line
			break
		}
		out = out substr(line, 1, RSTART - 1)
		c = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (c == "/*") {
			InComment = 1
		} else if (c == "//") {
			SlashComment = 1
			break
		} else {
			line = constant(line, c)
			out = out c c
		}
	}
	return out
}

# Takes what follows an opening quote, returns what follows the closing one.
function constant(line, quote) {
	if (quote == "\"") {
		if (!match(line, /^([^"\\]|\\.)*"/))
			return ""
		Text = Text substr(line, 1, RLENGTH - 1)
	} else if (!match(line, /^([^'\\]|\\.)*'/)) {
		return ""
	}
	return substr(line, RLENGTH + 1)
}

function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	Bad = 1
}

# "print/*.c" as a pattern that must match the whole name.
function glob_to_regex(glob) {
	gsub(/[.+]/, "[&]", glob)
	gsub(/[*]/, ".*", glob)
	return "^" glob "$"
}

END {
	exit Bad
}
