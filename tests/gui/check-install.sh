#!/bin/sh
# The program as it is installed: the desktop finds it, knows a recording by what is in it, and nothing is left when it is
# uninstalled.  Speaks TAP.

top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
build=$(cd "${top_builddir:-$top}" && pwd) || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
share=$prefix/share
id=org.astern.Astern

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
skip () { n=$((n + 1)); echo "ok $n - $1 # SKIP there is no $2"; }   # name, tool
have () { command -v "$1" >/dev/null 2>&1; }

quiet_make ()
{
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -C "$build" "$@" >"$work/make.log" 2>&1 || tail -n 5 "$work/make.log"
}

missing ()  # FILE...
{
  for file; do [ -s "$file" ] || echo "missing: $file"; done
}

echo 1..10
report "make install works" "$(quiet_make install prefix="$prefix")"
report "all that a desktop wants is there" "$(missing "$prefix/bin/astern" "$prefix/bin/astern-gtk" "$share/applications/$id.desktop" \
  "$share/metainfo/$id.metainfo.xml" "$share/mime/packages/$id.xml" "$share/icons/hicolor/scalable/apps/$id.svg" \
  "$share/icons/hicolor/symbolic/apps/$id-symbolic.svg" "$share/glib-2.0/schemas/$id.gschema.xml" "$share/man/man1/astern-gtk.1")"

if have glib-compile-schemas && have gtk-update-icon-cache && have update-mime-database && have update-desktop-database; then
  report "the caches are made" "$(missing "$share/glib-2.0/schemas/gschemas.compiled" "$share/icons/hicolor/icon-theme.cache" \
    "$share/mime/mime.cache" "$share/applications/mimeinfo.cache")"
else
  skip "the caches are made" "tool for one of them"
fi

name="the desktop file is valid"
if have desktop-file-validate; then
  report "$name" "$(desktop-file-validate "$share/applications/$id.desktop" 2>&1)"
else
  skip "$name" desktop-file-validate
fi

name="the metainfo is valid"
if have appstreamcli; then
  # Newer ones want a home page, and there is none yet.
  appstreamcli validate --no-net "$share/metainfo/$id.metainfo.xml" >"$work/appstream" 2>&1 ||
    grep -E '^[EW]:' "$work/appstream" | grep -v url-homepage-missing >"$work/complaints"
  report "$name" "$(cat "$work/complaints" 2>/dev/null)"
else
  skip "$name" appstreamcli
fi

name="the settings are known"
if have gsettings && have glib-compile-schemas; then
  report "$name" "$(GSETTINGS_BACKEND=memory GSETTINGS_SCHEMA_DIR="$share/glib-2.0/schemas" gsettings list-keys $id 2>&1 | grep -qx dark-style || echo "no dark-style")"
else
  skip "$name" gsettings
fi

name="a recording is known by what is in it"
if have gio && have update-mime-database; then
  "$prefix/bin/astern" demo -serial null -monitor none -stop-at 1000 -record "$work/without-suffix" >/dev/null 2>&1
  kind=$(XDG_DATA_DIRS="$share" XDG_DATA_HOME="$work/none" gio info -a standard::content-type "$work/without-suffix" | sed -n 's/.*content-type: //p')
  report "$name" "$([ "$kind" = application/x-astern-recording ] || echo "it is “$kind”")"
else
  skip "$name" gio
fi

report "make uninstall works" "$(quiet_make uninstall prefix="$prefix")"
report "nothing is left" "$(find "$prefix" -type f -o -type l)"
report "a package is installed without caches, and uninstalled whole" "$(
  quiet_make install prefix=/usr DESTDIR="$work/package"
  find "$work/package" -name '*.cache' -o -name gschemas.compiled
  quiet_make uninstall prefix=/usr DESTDIR="$work/package"
  find "$work/package" -type f -o -type l)"
