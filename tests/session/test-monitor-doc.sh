#!/bin/sh
# doc/monitor.md is what the monitor's table says.  Speaks TAP.

echo 1..1
if "${top_builddir:-.}/tests/session/monitor-doc" | diff -u "${top_srcdir:-.}/doc/monitor.md" - >monitor-doc.diff; then
  echo 'ok 1 - doc/monitor.md is as the table'
else
  echo 'not ok 1 - doc/monitor.md is as the table (make update-monitor-doc)'
  sed 's/^/# /' monitor-doc.diff
fi
rm -f monitor-doc.diff
