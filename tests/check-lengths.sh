#!/bin/sh
# Fails when a file written by hand is longer than 1,500 lines, or a line of code
# much longer than 100 columns (data tables run wider).  Speaks TAP.

cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99

max_lines=1500
max_columns=200

report ()  # number, name, what is wrong
{
  if [ -z "$3" ]; then
    echo "ok $1 - $2"
  else
    echo "not ok $1 - $2"
    echo "$3" | sed 's/^/# /'
  fi
}

files=$(find bootstrap configure.ac Makefile.am src tests data doc -type f \
          \( -name '*.[chS]' -o -name '*.mk' -o -name '*.sh' -o -name '*.py' -o -name '*.ld' -o -name '*.md' \
             -o -name bootstrap -o -name configure.ac -o -name Makefile.am \) | sort)

echo 1..2
report 1 "no file is longer than $max_lines lines" \
  "$(echo "$files" | tr '\n' '\0' | xargs -0 awk -v max=$max_lines \
       'FNR == max + 1 { print FILENAME ": longer than " max " lines" }')"
report 2 "no line of C is longer than $max_columns columns" \
  "$(echo "$files" | grep '\.[ch]$' | tr '\n' '\0' | xargs -0 awk -v max=$max_columns \
       'length ($0) > max { print FILENAME ":" FNR ": " length ($0) " columns" }')"
