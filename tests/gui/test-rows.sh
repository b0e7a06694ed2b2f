#!/bin/sh
# test-rows needs a display: on an X server of its own.  Speaks TAP.

build=${top_builddir:-.}
command -v Xvfb >/dev/null || { echo "1..0 # SKIP Xvfb is not installed (Debian: xvfb)"; exit 0; }
work=$(mktemp -d) || exit 99
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
. "${top_srcdir:-.}/tests/gui/xvfb.sh"
start_xvfb "$work/display" 800x600x24

# What the libraries keep until the end is known; they have no frame pointers.
DISPLAY=:$(cat "$work/display") GDK_BACKEND=x11 NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory \
  ASAN_OPTIONS=fast_unwind_on_malloc=0 LSAN_OPTIONS="suppressions=${top_srcdir:-.}/tests/gui/lsan.supp:print_suppressions=0" \
  "$build/tests/gui/test-rows"
