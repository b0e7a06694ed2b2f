#!/bin/sh
# Fails when a source with translatable messages is not in po/POTFILES.in, or a
# file there has none.  Speaks TAP.

cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99

listed=$(grep -v '^#' po/POTFILES.in | grep -v '^$' | LC_ALL=C sort)
# C by its calls; templates by an attribute; of the desktop's files, gettext knows what is to be translated.
with_messages=$({
  find src -name '*.[ch]' -exec grep -lE '(^|[^A-Za-z0-9_])N?C?_ ?\("' {} +
  find src -name '*.ui' -exec grep -l 'translatable="yes"' {} +
  find data -name '*.desktop.in' -o -name '*.metainfo.xml.in' -o -name '*.gschema.xml'
} | LC_ALL=C sort)

report ()  # number, name, what is wrong
{
  if [ -z "$3" ]; then
    echo "ok $1 - $2"
  else
    echo "not ok $1 - $2"
    echo "$3" | sed 's/^/# /'
  fi
}

minus ()  # lines of the first that are not in the second
{
  echo "$1" | while read -r line; do
    echo "$2" | grep -qxF "$line" || echo "$line"
  done
}

echo 1..2
report 1 "every source with messages is in po/POTFILES.in" "$(minus "$with_messages" "$listed")"
report 2 "every source in po/POTFILES.in has messages" "$(minus "$listed" "$with_messages")"
