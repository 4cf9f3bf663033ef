#!/bin/sh
# cover.sh BUILD-FOLDER - what the tests of a coverage build ran through: a table of folders, and
# the lines that nothing ran, file by file, in BUILD-FOLDER/missing.txt.
set -eu
build=$1
gcovr --root . --exclude 'tests/' --exclude 'build/' --object-directory "$build" "$build" \
    --csv "$build/cover.csv" --txt "$build/missing.txt" >"$build/gcovr.log" 2>&1 ||
	{ cat "$build/gcovr.log" >&2; exit 70; }
# filename,line_total,line_covered,...
awk -F, '
	NR == 1 { next }
	{
		folder = $1
		sub("/[^/]*$", "", folder)
		lines[folder] += $2
		ran[folder] += $3
		files[folder]++
		sum_lines += $2
		sum_ran += $3
		sum_files++
	}
	function row(name, n, all, some) {
		return sprintf("%-20s %5d %7d %7d %6.1f %%", name, n, all, some, all ? 100 * some / all : 0)
	}
	END {
		printf "%-20s %5s %7s %7s\n", "folder", "files", "lines", "ran"
		for (folder in lines)
			print row(folder, files[folder], lines[folder], ran[folder]) | "sort"
		close("sort")
		print row("all", sum_files, sum_lines, sum_ran)
	}' "$build/cover.csv"
echo "lines that nothing ran: $build/missing.txt"
