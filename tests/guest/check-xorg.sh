# Debian's X server with the driver of each display card: it draws a picture of some of all that X draws, which must be the same,
# pixel by pixel, as with the standard VGA's plain frame buffer; each run is recorded and replayed.  Sourced by check-guests.sh
# after check-display.sh, whose kernel it takes; fetches the X server and what it needs, some 80 MB.

xorg_folder=$folder/xorg
xorg_packages='xserver-xorg-core xserver-xorg-video-qxl xserver-xorg-video-vmware'
# Depended on, and of no use here.
xorg_useless='adduser|debconf|dpkg|keyboard-configuration|libpam.*|lsb-base|passwd|perl-base|liblocale-gettext-perl|sysvinit-utils|tar|udev|libgl1-mesa-dri|x11-common'

xorg_apt () { apt-get -q -y -o Dir::State::status="$PWD/status" -o Dir::Cache::archives="$PWD/" -o Debug::NoLocking=1 "$@"; }

# As for an empty system, so that all comes that they need.
fetch_xorg ()
{
  [ ! -d "$xorg_folder/system/usr/lib/xorg" ] || return 0
  mkdir -p "$xorg_folder/packages/partial" && (
    cd "$xorg_folder/packages" && : >status &&
      xorg_apt --no-install-recommends --download-only install $xorg_packages >download.log 2>&1 || exit 1
    for package in *.deb; do
      printf '%s\n' "${package%%_*}" | grep -qxE "$xorg_useless" || dpkg-deb -x "$package" ../system || exit 1
    done
    cd ../system && rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/lintian) &&
    rm -rf "$xorg_folder/packages"
}

make_xorg_guest ()
{
  [ ! "$xorg_folder/xorg.cpio.gz" -nt "$here/check-xorg.sh" ] || return 0
  [ -f "$display_folder/vmlinuz" ] && fetch_xorg || return 1
  root=$xorg_folder/system
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/root" "$root/var/log"
  cc -O2 -static -o "$root/bin/xpicture" "$here/display/xpicture.c" || return 1
  cp /bin/busybox "$root/bin/" && cp -R "$display_folder/root/lib/modules" "$root/lib/" || return 1
  for applet in sh mount modprobe sleep dd printf cat mkdir grep tail kill; do ln -sf busybox "$root/bin/$applet"; done
  cat >"$root/init" <<'EOF'
#!/bin/sh
# The words drv=MODULE, x=DRIVER, heads=N and bus=PCI:... of the kernel's command line say with what.
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/shm /tmp/.X11-unix
for word in $(cat /proc/cmdline); do
  case $word in
    drv=*) driver=${word#drv=} ;;
    x=*) x=${word#x=} ;;
    heads=*) option="Option \"NumHeads\" \"${word#heads=}\"" ;;
    bus=*) option="BusID \"${word#bus=}\"" ;;
  esac
done
modprobe virtio_pci     # which nothing here loads by itself
[ "$driver" = none ] || modprobe "$driver"
sleep 1
cat >/xorg.conf <<X
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoAddGPU" "false"
EndSection
Section "Device"
  Identifier "card"
  Driver "$x"
  $option
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 30-200
  VertRefresh 50-125
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "1024x768"
  EndSubSection
EndSection
X
: >/said
/usr/lib/xorg/Xorg :0 -config /xorg.conf -nocursor -fp built-ins -noreset -nolisten tcp -logfile /X.log 2>/X.err &
xpicture >/said &
n=0
while ! grep -q 'drawn\|failed' /said && [ $n -lt 60 ]; do sleep 1; n=$((n + 1)); done
sleep 1
cat /said
grep -q drawn /said || tail -n 40 /X.log
printf '\001' | dd of=/dev/port bs=1 seek=1281 2>/dev/null
EOF
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n1) >"$xorg_folder/new.cpio.gz" &&
    mv "$xorg_folder/new.cpio.gz" "$xorg_folder/xorg.cpio.gz"
}

xorg_draws ()  # SHOT CARD 'WORDS' OPTION...
{
  shot=$1 card=$2 words=$3
  shift 3
  timeout 400 "$astern" run -m 1024 -kernel "$display_folder/vmlinuz" -initrd "$xorg_folder/xorg.cpio.gz" -vga "$card" -display none \
    -append "console=ttyS0 quiet $words" -serial stdio -monitor none -icount sleep=off -device isa-debug-exit "$@" \
    -screendump "$scratch/$shot.png" -state-hash -record "$scratch/run.astern" </dev/null >"$scratch/out" 2>"$scratch/err"
  says 'drawn 1024 768'
}

replays_alike ()
{
  hash=$(grep -h -o 'state-hash @.*' "$scratch/out" "$scratch/err" | tail -n 1)
  timeout 400 "$astern" replay "$scratch/run.astern" -serial null -state-hash </dev/null >"$scratch/again" 2>&1
  [ -n "$hash" ] && [ "$(grep -o 'state-hash @.*' "$scratch/again" | tail -n 1)" = "$hash" ] || why "another state: $hash, $(tail -n 1 "$scratch/again")"
}

# The standard VGA's picture is what the others are held against; made when it is first needed.
xorg_is_right ()  # SHOT CARD 'WORDS' OPTION...
{
  [ -f "$scratch/plain.png" ] || xorg_draws plain std 'drv=bochs x=modesetting' || return 1
  xorg_draws "$@" && python3 "$here/display/compare.py" "$scratch/$1.png" "$scratch/plain.png" >>"$scratch/why" && replays_alike
}

if make_xorg_guest; then
  rm -f "$folder/xorg.absent"
else
  echo "the guest could not be made; it needs the guest of the display cards, and $xorg_packages from the sources in /etc/apt" >"$folder/xorg.absent"
fi
check 'X draws with qxl, whose kernel driver sets the mode' xorg xorg_is_right qxl-kernel qxl 'drv=qxl x=qxl'
check 'X draws with qxl, which sets the mode itself' xorg xorg_is_right qxl-alone qxl 'drv=none x=qxl heads=1'
check 'X draws with vmware, whose kernel driver sets the mode' xorg xorg_is_right vmware-kernel vmware 'drv=vmwgfx x=vmware'
check 'X draws with vmware, which sets the mode itself' xorg xorg_is_right vmware-alone vmware 'drv=none x=vmware'
check 'X draws on the virtio GPU' xorg xorg_is_right virtio virtio 'drv=virtio_gpu x=modesetting'
check 'X draws on a Bochs display without VGA' xorg xorg_is_right bochs none 'drv=bochs x=modesetting' -device bochs-display
check 'X draws on a QXL card beside a standard VGA, which has the ports' xorg \
  xorg_is_right qxl-second none 'drv=qxl x=modesetting bus=PCI:0:5:0' -device qxl,addr=5 -device VGA,addr=6
