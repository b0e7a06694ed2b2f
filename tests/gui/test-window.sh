#!/bin/sh
# The window as its user has it: driven through its accessibility tree with real keys and a real mouse, on an X server
# of its own.  Screenshots of each state are left in the folder that is named in the output.  Speaks TAP.
#
#   ASTERN_SHOTS      where the screenshots go (a folder in the build tree)
#   ASTERN_GUESTS     the folder of `make check-guests`: what needs a Linux guest is run, and nothing else
#   ASTERN_FIGURES    set on a machine that does nothing else: how quick it is must be what is promised

build=${top_builddir:-.}
here=${top_srcdir:-.}/tests/gui
skip () { echo "1..0 # SKIP $*"; exit 0; }

for tool in Xvfb dbus-run-session xdotool; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
python=
for candidate in python3 /usr/bin/python3; do
  "$candidate" -c 'import gi; gi.require_version ("Atspi", "2.0"); gi.require_version ("Gdk", "3.0")' 2>/dev/null &&
    { python=$candidate; break; }
done
[ -n "$python" ] || skip "Python has no gi with Atspi and Gdk (python3-gi, gir1.2-atspi-2.0, gir1.2-gtk-3.0)"

ASTERN_SHOTS=${ASTERN_SHOTS:-$build/tests/gui/shots}
mkdir -p "$ASTERN_SHOTS"
home=$(mktemp -d) || exit 99
trap 'rm -rf "$home"; [ -z "$server" ] || kill "$server" 2>/dev/null' EXIT

. "$here/xvfb.sh"
start_xvfb "$home/display" 1600x1000x24

HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_STATE_HOME=$home/state XDG_CACHE_HOME=$home/cache
XDG_RUNTIME_DIR=$home
DISPLAY=:$(cat "$home/display")
GDK_BACKEND=x11 GSETTINGS_BACKEND=memory GTK_THEME=Adwaita PYTHONDONTWRITEBYTECODE=1
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR DISPLAY
export GDK_BACKEND GSETTINGS_BACKEND GTK_THEME ASTERN_SHOTS PYTHONDONTWRITEBYTECODE
unset NO_AT_BRIDGE WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

dbus-run-session -- "$python" "$here/test-window.py" "$build" 2>"$home/bus.log"
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$home/bus.log" | tail -n 20
exit $status
