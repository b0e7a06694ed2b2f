#!/bin/sh
# The screen from elsewhere with real viewers: Debian's remote-viewer by SPICE and TigerVNC's by VNC, under Xvfb, show a
# Linux guest, type into it, and share their clipboard with its agent, Debian's spice-vdagent.  Speaks TAP.
#   check-remote.sh FOLDER [PATTERN]     only tests whose names match; FOLDER keeps what was fetched and made
#
# Needs apt-get, cpio, depmod, a static busybox, xvfb, xdotool, xclip, dbus-run-session, python3 with GTK's introspection, and
# the viewers: virt-viewer, tigervnc-viewer.

folder=$1 only=${2-}
astern=${top_builddir:-.}/astern
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
n=0 passed=0 failed=0 skipped=0 machine= viewer= screen=

end_of ()  # PID...: those that were started here
{
  for p in "$@"; do kill "$p" 2>/dev/null && wait "$p" 2>/dev/null; done
}
trap 'end_of $viewer $machine $screen; rm -rf "$scratch"' EXIT
fail () { echo "Bail out! $*"; exit 99; }
why () { echo "$*" >>"$scratch/why"; return 1; }
monitor () { python3 "$here/remote/monitor.py" "$scratch/monitor" "$@"; }

# Until it is so; half a minute, and more than enough on an idle host.
until_so ()  # COMMAND...
{
  for i in $(seq 120); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.5
  done
  why "it never came to: $*"
}

# --- the guest ----------------------------------------------------------------------

fetch ()
{
  [ ! -f "$folder/fetched" ] || return 0
  kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$kernel" spice-vdagent xclip xvfb x11-xkb-utils xkb-data >download.log 2>&1 &&
    dpkg-deb -x "$kernel"_*.deb kernel && rm -f "$kernel"_*.deb &&
    for deb in *.deb; do dpkg-deb -x "$deb" packages || exit 1; rm -f "$deb"; done) || fail "cannot fetch; see $folder/download.log"
  touch "$folder/fetched"
}

# busybox, the agent, and an X server without a screen that has the guest's clipboard.  Libraries are this host's.
make_guest ()
{
  fetch
  [ ! "$folder/guest.cpio.gz" -nt "$0" ] || return 0
  base=$folder/kernel release=$(ls "$folder/kernel/lib/modules") root=$scratch/root
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/run/spice-vdagentd" "$root/etc" "$root/root" \
    "$root/usr/share/X11" "$root/lib/modules/$release"
  cp /bin/busybox "$root/bin/" && for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  depmod -b "$base" "$release" && cp "$base/lib/modules/$release"/modules.* "$root/lib/modules/$release/"
  for m in virtio_pci virtio_console uinput; do
    modprobe -d "$base" -S "$release" --show-depends $m | sed -n 's/^insmod //p' | while read -r file rest; do
      file=/lib/modules/${file#*/lib/modules/}
      mkdir -p "$root${file%/*}" && cp "$base$file" "$root$file"
    done
  done
  for p in usr/sbin/spice-vdagentd usr/bin/spice-vdagent usr/bin/xclip usr/bin/Xvfb usr/bin/xkbcomp; do
    mkdir -p "$root/${p%/*}" && cp "$folder/packages/$p" "$root/$p" || return 1
    ldd "$folder/packages/$p" | grep -q 'not found' && return 1
    ldd "$folder/packages/$p" | grep -o '/[^ ]*'
  done | sort -u | while read -r library; do mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"; done
  cp -r "$folder/packages/usr/share/X11/xkb" "$root/usr/share/X11/"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  cat >"$root/bin/copy" <<'END'
#!/bin/sh
printf %s "$1" | xclip -i -selection clipboard
END
  cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/bin:/usr/bin:/usr/sbin HOME=/root DISPLAY=:0 XDG_RUNTIME_DIR=/run LC_ALL=C
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in virtio_pci virtio_console uinput; do modprobe $m; done
Xvfb :0 -screen 0 640x480x24 -ac >/tmp/xvfb.log 2>&1 &
while [ ! -S /tmp/.X11-unix/X0 ]; do sleep 0.2; done
mkdir -p /dev/virtio-ports
for d in /sys/class/virtio-ports/*; do ln -s /dev/${d##*/} /dev/virtio-ports/$(cat $d/name); done
spice-vdagentd -x -X >/dev/null 2>&1 &
while [ ! -S /run/spice-vdagentd/spice-vdagent-sock ]; do sleep 0.2; done
spice-vdagent -x >/dev/null 2>&1 &
setsid sh -c 'exec sh -i </dev/tty1 >/dev/tty1 2>&1' &
echo READY
last=
while :; do
  now=$(timeout 5 xclip -o -selection clipboard 2>/dev/null)
  [ "$now" = "$last" ] || { echo "CLIP $now"; last=$now; }
  sleep 1
done
END
  chmod +x "$root/init" "$root/bin/copy"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$folder/guest.cpio.gz"
  cp "$folder"/kernel/boot/vmlinuz-* "$folder/vmlinuz"
}

start ()  # OPTION...: a machine whose console is on its screen, and whose news is on a serial line
{
  : >"$scratch/serial"
  "$astern" run -name guest -m 768 -kernel "$folder/vmlinuz" -initrd "$folder/guest.cpio.gz" -append 'console=tty0 console=ttyS0 quiet' \
    -vga std -serial "file:$scratch/serial" -monitor "unix:$scratch/monitor,server,nowait" -history off -nic none \
    -device virtio-serial-pci -device virtserialport,chardev=agent,name=com.redhat.spice.0 "$@" </dev/null >"$scratch/out" 2>&1 &
  machine=$!
  until_so grep -q READY "$scratch/serial"
}

stop_all ()
{
  end_of $viewer
  viewer=
  monitor quit >/dev/null 2>&1
  wait $machine 2>/dev/null
  machine=
}

# --- what is checked -----------------------------------------------------------------

window () { xdotool search --onlyvisible --name guest 2>/dev/null | tail -n 1 | grep .; }
guest_has () { grep -q "CLIP $1" "$scratch/serial"; }
we_have () { [ "$(timeout 5 xclip -o -selection clipboard 2>/dev/null)" = "$1" ]; }
on_screen () { monitor 'info screen' | grep -q "$1"; }
seen () { "$python" "$here/remote/seen.py" "$scratch/screen.png"; }

# Again and again, since the viewer does not say when the guest's agent and it have met.
copies ()  # TEXT: here, to be pasted in the guest
{
  for i in $(seq 20); do
    printf %s "$1" | xclip -i -selection clipboard >/dev/null 2>&1
    for j in 1 2 3 4 5 6; do
      guest_has "$1" && return
      sleep 0.5
    done
  done
  why "the guest was not given $1"
}

# The shell of the guest's console takes what is typed into the viewer: it copies.
types_and_copies ()  # TEXT
{
  xdotool windowfocus "$(window)" mousemove 300 200 click 1
  sleep 1
  xdotool type --delay 100 "copy $1"
  xdotool key Return
  until_so on_screen "copy $1" && until_so we_have "$1"
}

shows_the_screen ()
{
  monitor stop "screendump $scratch/screen.png" >/dev/null && until_so seen
  status=$?
  monitor cont >/dev/null
  return $status
}

spice_viewer ()
{
  dbus-run-session -- remote-viewer "spice+unix://$scratch/spice" >"$scratch/viewer" 2>&1 </dev/null &
  viewer=$!
  until_so window
}

vnc_viewer ()
{
  xtigervncviewer -SecurityTypes None "$scratch/vnc" >"$scratch/viewer" 2>&1 </dev/null &
  viewer=$!
  until_so window
}

by_spice ()
{
  start -spice "unix=on,addr=$scratch/spice,disable-ticketing=on" -chardev spicevmc,id=agent,name=vdagent && spice_viewer &&
    copies spice-here && types_and_copies spice-there && shows_the_screen
}

by_vnc ()
{
  start -vnc "unix:$scratch/vnc" -chardev qemu-vdagent,id=agent,clipboard=on && vnc_viewer &&
    xdotool windowfocus "$(window)" mousemove 300 200 && copies vnc-here && types_and_copies vnc-there && shows_the_screen
}

# What came from the viewer and the agent is in the recording: the replay needs neither.
is_replayed ()
{
  start -spice "unix=on,addr=$scratch/spice,disable-ticketing=on" -chardev spicevmc,id=agent,name=vdagent \
    -record "$scratch/run.astern" -state-hash && spice_viewer && copies replayed-text || return 1
  stop_all
  "$astern" replay "$scratch/run.astern" -serial "file:$scratch/again" -nographic -monitor none -state-hash </dev/null >"$scratch/out2" 2>&1 ||
    why "$(tail -n 3 "$scratch/out2")" || return 1
  grep -q 'CLIP replayed-text' "$scratch/again" || why 'the replay did not hear of the text' || return 1
  grep -q '^state-hash' "$scratch/out" && [ "$(grep '^state-hash' "$scratch/out")" = "$(grep '^state-hash' "$scratch/out2")" ] || why 'the hashes differ'
}

check ()  # NAME PROGRAM FUNCTION
{
  case $1 in *$only*) ;; *) return ;; esac
  n=$((n + 1))
  : >"$scratch/why"
  if ! command -v "$2" >/dev/null; then
    skipped=$((skipped + 1)); echo "ok $n - $1 # SKIP there is no $2"; return
  fi
  if "$3"; then
    passed=$((passed + 1)); echo "ok $n - $1"
  else
    failed=$((failed + 1)); echo "not ok $n - $1"; sed 's/^/# /' "$scratch/why"; tail -n 3 "$scratch/out" | sed 's/^/# /'
  fi
  stop_all
}

for tool in Xvfb xdotool xclip dbus-run-session depmod cpio python3; do command -v $tool >/dev/null || fail "there is no $tool"; done
for python in python3 /usr/bin/python3 ''; do
  [ -n "$python" ] || fail 'there is no Python with GTK (python3-gi, gir1.2-gtk-3.0)'
  "$python" -c 'import gi; gi.require_version ("Gdk", "3.0")' 2>/dev/null && break
done
make_guest || fail 'the guest could not be made; are the libraries of spice-vdagent and xvfb here?'
number=80
while [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
Xvfb ":$number" -screen 0 1280x1024x24 -ac >/dev/null 2>&1 &
screen=$!
export DISPLAY=":$number" NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory
until_so test -S "/tmp/.X11-unix/X$number" || fail 'Xvfb does not start'
check 'remote-viewer shows, types, copies and pastes' remote-viewer by_spice
check 'the VNC viewer shows, types, copies and pastes' xtigervncviewer by_vnc
check 'a replay has what was pasted, without a viewer' remote-viewer is_replayed
echo "1..$n"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
