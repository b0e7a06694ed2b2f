#!/bin/sh
# Counts the test points in the .trs files that Automake's TAP driver left:
#   count.sh FILE.trs...
# A file that is missing is a test program that never ran, and counts as failed.
# Names what failed; the last line is 'N passed, N failed, N skipped'.

passed=0
failed=0
skipped=0
count () { grep -cE "^:test-result: ($1)( |\$)" "$2"; }

for trs in "$@"; do
  if [ ! -f "$trs" ]; then
    echo "not run: ${trs%.trs}"
    failed=$((failed + 1))
    continue
  fi
  passed=$((passed + $(count 'PASS|XFAIL' "$trs")))
  skipped=$((skipped + $(count 'SKIP' "$trs")))
  bad=$(count 'FAIL|XPASS|ERROR' "$trs")
  if [ "$bad" -gt 0 ]; then
    failed=$((failed + bad))
    grep -E '^(FAIL|XPASS|ERROR): ' "${trs%.trs}.log" || echo "failed: ${trs%.trs}"
  fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
