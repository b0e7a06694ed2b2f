#!/bin/sh
# doc/ir.md is what the translator's lists say.  Speaks TAP.

echo 1..1
if difference=$("${top_builddir:-.}/tests/translate/ir-doc" | diff "${top_srcdir:-.}/doc/ir.md" - 2>&1); then
  echo 'ok 1 - doc/ir.md is what the lists of IR say'
else
  echo 'not ok 1 - doc/ir.md is old: make update-ir-doc'
  printf '%s\n' "$difference" | sed 's/^/# /'
fi
