#!/bin/sh
# Copyright (C) 2026 The Astern authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The desktop's caches, after something was put under DATADIR or taken away:  sh update-caches.sh DATADIR
# A cache of nothing is removed, so that an uninstalled program leaves no file.  What has no tool here is left alone.

datadir=${1:?}

any ()  # FILE...
{
  [ -e "$1" ]
}

refresh ()  # whether there is something (true, false), the caches' names, COMMAND...
{
  there=$1 caches=$2
  shift 2
  if $there; then
    if command -v "$1" >/dev/null 2>&1; then "$@" >/dev/null 2>&1 || echo "$1 failed; run it by hand:  $*" >&2; fi
  else
    rm -f $caches
  fi
}

schemas=$datadir/glib-2.0/schemas
any "$schemas"/*.gschema.xml && there=true || there=false
refresh $there "$schemas/gschemas.compiled" glib-compile-schemas "$schemas"

icons=$datadir/icons/hicolor
[ -n "$(find "$icons" -name '*.png' -o -name '*.svg' -o -name '*.xpm' 2>/dev/null | head -n 1)" ] && there=true || there=false
refresh $there "$icons/icon-theme.cache" gtk-update-icon-cache -q -f -t "$icons"

apps=$datadir/applications
any "$apps"/*.desktop && there=true || there=false
refresh $there "$apps/mimeinfo.cache" update-desktop-database -q "$apps"

mime=$datadir/mime
made=
for name in aliases generic-icons globs globs2 icons magic mime.cache subclasses treemagic types version XMLnamespaces; do
  made="$made $mime/$name"
done
any "$mime"/packages/*.xml && there=true || there=false
refresh $there "$made" update-mime-database "$mime"
$there || rm -f "$mime"/*/x-astern-recording.xml
exit 0
