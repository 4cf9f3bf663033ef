# text.awk - no path of one machine, no trailing blanks, no carriage return, no odd last line.
#
# Golden files, mails and sample data are what they are: there only the paths are looked for.
#
# usage: awk -f text.awk FILE...

function complain(line, text) {
	printf "%s:%d: %s\n", name, line, text
	Bad = 1
}

FNR == 1 {
	name = FILENAME
	as_is = FILENAME ~ /^tests\/(golden|samples|corpus)\/|[.](eml|patch|csv|edi)$/
}

# A slash that begins a path follows nothing that could be a part of one.
/(^|[^A-Za-z0-9_.)}*$\/-]|:\/\/)\/(work|root|home)\// {
	complain(FNR, "a path of this machine")
}

as_is {
	next
}

/\r$/ {
	complain(FNR, "carriage return at the end of a line")
	next
}

/[ \t]$/ {
	complain(FNR, "blanks at the end of a line")
}

END {
	exit Bad
}
