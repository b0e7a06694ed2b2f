#!/bin/sh
# Fails when a message cannot be translated, or a language of po/LINGUAS has not got it.  Speaks TAP.
# The messages are taken out of the sources anew.  ASTERN_PO: a folder in place of po/.

top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
po=$(cd "${ASTERN_PO:-$top/po}" && pwd) || exit 99
languages=$(sed 's/#.*//' "$po/LINGUAS" | tr -s ' \t\n' ' ')
LC_ALL=C
export LC_ALL

for tool in xgettext msgmerge msgfmt msgattrib; do
  command -v $tool >/dev/null || { echo "1..0 # SKIP there is no $tool (Debian: gettext)"; exit 0; }
done
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

n=0
report ()  # name, what is wrong
{
  n=$((n + 1))
  if [ -z "$2" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    echo "$2" | sed 's/^/# /'
  fi
}

options ()  # as po/Makefile has them
{
  printf 'include %s/po/Makevars\nprint:\n\t@echo $(XGETTEXT_OPTIONS)\n' "$top" | env -u MAKEFLAGS -u MAKELEVEL make -s -f - print
}

# A macro, as GLib's formats of numbers are, ends a message in its middle: PRIu64 and the like of <inttypes.h> do not.
extract ()
{
  (cd "$top" && xgettext --files-from=po/POTFILES.in --output="$work/astern.pot" --package-name=astern $(options)) 2>&1 |
    grep -v 'a fallback ITS rule file'
  (cd "$top" && grep -rnE --include='*.[ch]' '(_|ngettext) ?\("([^"\\]|\\.)*"[[:space:]]*[A-Z][A-Z0-9_]+' src | grep -vE '"[[:space:]]*PRI[diuxX]')
  [ -s "$work/astern.pot" ] || echo "no messages were found"
}

first ()  # of the messages on the standard input, some
{
  grep '^msgid' | grep -v '^msgid ""$' | head -n 12
}

complete ()  # LANGUAGE
{
  [ -f "$po/$1.po" ] || { echo "there is no po/$1.po"; return; }
  msgfmt --check --output-file=/dev/null "$po/$1.po" 2>&1 | grep -v '^[0-9]* translated'
  msgmerge --quiet --no-fuzzy-matching --no-wrap --output-file="$work/$1.po" "$po/$1.po" "$work/astern.pot" 2>&1
  statistics=$(msgfmt --statistics --output-file=/dev/null "$work/$1.po" 2>&1)
  case $statistics in
    *fuzzy*|*untranslated*) ;;
    *' translated message'*) return ;;
  esac
  echo "$statistics"
  msgattrib --untranslated --no-obsolete --no-wrap "$work/$1.po" | first
  msgattrib --only-fuzzy --no-obsolete --no-wrap "$work/$1.po" | first
}

set -- $languages
echo 1..$(($# + 1))
report "every message can be taken out of the sources whole" "$(extract)"
for language; do
  report "$language is complete" "$(complete "$language")"
done
