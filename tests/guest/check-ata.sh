#!/bin/sh
# IDE, SATA and floppy drives with real guests: SeaBIOS and GRUB boot from each, Debian's kernel reads, writes,
# verifies, forgets, and has its media changed.  Speaks TAP; the last line counts.
#   check-ata.sh FOLDER [PATTERN]     only tests whose names match; FOLDER keeps what was fetched and made
# With QEMU=1, QEMU runs the same beside, and both times are shown.
#
# Needs apt-get, cpio, a static busybox, mtools, xorriso and GRUB's tools for i386-pc; with fio there is one test more.

folder=$1 only=${2-}
astern=${top_builddir:-.}/astern
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0 checked=

fail () { echo "Bail out! $*"; exit 99; }
why () { echo "$*" >>"$scratch/why"; return 1; }
sum () { sha256sum "$1" | cut -c1-32; }

# --- guests -------------------------------------------------------------------------

modules="crct10dif_common crct10dif_generic crc-t10dif crc64 crc64-rocksoft scsi_common scsi_mod t10-pi sd_mod cdrom sr_mod
  libata ata_piix libahci ahci floppy"

fetch_kernel ()
{
  [ -f "$folder/vmlinuz" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$package" >download.log 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
    rm -f "$package"_*.deb && cp kernel/boot/vmlinuz-* vmlinuz) || fail "cannot fetch Debian's kernel; see $folder/download.log"
}

# An initramfs whose /init is on standard input; more folders for it may be named.
pack ()  # NAME
{
  root=$scratch/root
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/modules"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  for m in $modules; do
    file=$(find "$folder/kernel/lib/modules" -name "$m.ko" | head -n 1)
    [ -z "$file" ] || cp "$file" "$root/modules/"
  done
  {
    cat <<END
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in $(echo $modules); do insmod /modules/\$m.ko 2>/dev/null; done
for i in 1 2 3 4 5; do [ -b /dev/sda ] && [ -b /dev/sr0 ] && break; sleep 1; done
sum () { dd if=\$1 bs=64k 2>/dev/null | sha256sum | cut -c1-32; }
echo BOOTED
END
    cat
    echo 'echo DONE; poweroff -f'
  } >"$root/init"
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$folder/$1.cpio.gz"
}

make_guests ()
{
  fetch_kernel
  pack work <<'END'
echo "DISK $(sum /dev/sda)"
echo "CD $(sum /dev/sr0)"
[ -b /dev/fd0 ] && echo "FLOPPY $(sum /dev/fd0)"
dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null
dd if=/tmp/data of=/dev/sda bs=4k seek=4096 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
[ "$(dd if=/dev/sda bs=4k skip=4096 count=2048 2>/dev/null | sha256sum)" = "$(sha256sum </tmp/data)" ] && echo 'WRITTEN AS READ'
[ "$(dd if=/dev/sda bs=4k skip=4096 count=2048 iflag=direct 2>/dev/null | sha256sum)" = "$(sha256sum </tmp/data)" ] && echo 'DIRECT AS READ'
blkdiscard -o 16777216 -l 4194304 /dev/sda && echo FORGOTTEN
[ -b /dev/fd0 ] && dd if=/tmp/data of=/dev/fd0 bs=512 count=2880 conv=fsync 2>/dev/null && echo "NEW FLOPPY $(sum /dev/fd0)"
echo 3 >/proc/sys/vm/drop_caches
echo "NEW DISK $(sum /dev/sda)"
END
  pack change <<'END'
echo "CD $(sum /dev/sr0)"
old=$(blockdev --getsz /dev/sr0)
echo 'CHANGE CD'
until dd if=/dev/sr0 of=/dev/null bs=2k count=1 2>/dev/null && [ "$(blockdev --getsz /dev/sr0)" != "$old" ]; do sleep 1; done
echo "CD $(sum /dev/sr0)"
old=$(sum /dev/fd0)
echo "FLOPPY $old"
echo 'CHANGE FLOPPY'
sleep 3
until [ "$(sum /dev/fd0)" != "$old" ]; do sleep 1; done
echo "FLOPPY $(sum /dev/fd0)"
END
  pack fio <<'END'
fio --name=v --filename=/dev/sda --rw=randwrite --bs=4k --size=60m --loops=7 --verify=crc32c --direct=1 \
  --ioengine=libaio --iodepth=16 --verify_fatal=1 --randseed=7 2>&1 | grep -E 'issued|err=|bw='
END
  [ -n "$(command -v fio)" ] || return 0
  mkdir -p "$scratch/fio/usr/bin" "$scratch/fio/lib64"
  cp "$(command -v fio)" "$scratch/fio/usr/bin/"
  ldd "$(command -v fio)" | awk '$3 ~ /^\// { print $3 }' | while read -r library; do
    mkdir -p "$scratch/fio$(dirname "$library")" && cp -L "$library" "$scratch/fio$library"
  done
  cp -L /lib64/ld-linux-x86-64.so.2 "$scratch/fio/lib64/"
  (cd "$scratch/fio" && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >>"$folder/fio.cpio.gz"
}

# GRUB that says that it is up, and shows a file of the medium that it came from.
make_media ()
{
  mkdir -p "$scratch/cd/boot/grub"
  cat >"$scratch/cd/boot/grub/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
echo "GRUB IS UP"
cat /hello.txt
halt
END
  echo 'HELLO FROM THE CD' >"$scratch/cd/hello.txt"
  head -c 3000000 /dev/urandom >"$scratch/cd/data"
  grub-mkrescue -o "$folder/grub.iso" "$scratch/cd" >"$folder/grub-mkrescue.log" 2>&1 || fail "grub-mkrescue: see $folder/grub-mkrescue.log"
  cat >"$scratch/early.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_output serial
echo "GRUB IS UP"
cat (fd0)/hello.txt
halt
END
  grub-mkimage -O i386-pc -o "$scratch/core" -p '(fd0)/boot/grub' -c "$scratch/early.cfg" \
    biosdisk fat part_msdos configfile normal echo ls cat serial terminal halt || fail "grub-mkimage"
  echo 'HELLO FROM THE FLOPPY' >"$scratch/hello.txt"
  truncate -s 1440k "$folder/grub-floppy.img"
  mformat -i "$folder/grub-floppy.img" -f 1440 -R 250 :: && mcopy -o -i "$folder/grub-floppy.img" "$scratch/hello.txt" :: || fail "mformat"
  # Its boot sector is GRUB's around the file system's own parameters; what follows is the sectors kept free for it.
  boot=/usr/lib/grub/i386-pc/boot.img
  dd if="$boot" of="$folder/grub-floppy.img" bs=1 count=3 conv=notrunc status=none
  dd if="$boot" of="$folder/grub-floppy.img" bs=1 skip=62 seek=62 count=450 conv=notrunc status=none
  dd if="$scratch/core" of="$folder/grub-floppy.img" bs=512 seek=1 conv=notrunc status=none
  [ -f "$folder/disk.orig" ] || head -c 64M /dev/urandom >"$folder/disk.orig"
  [ -f "$folder/floppy.orig" ] || head -c 1440K /dev/urandom >"$folder/floppy.orig"
  [ -f "$folder/other.iso" ] || head -c 5M /dev/urandom >"$folder/other.iso"
  [ -f "$folder/other-floppy.img" ] || head -c 1440K /dev/urandom >"$folder/other-floppy.img"
  cp "$folder/disk.orig" "$scratch/disk.img"
  cp "$folder/floppy.orig" "$scratch/floppy.img"
}

# --- running ------------------------------------------------------------------------

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }

beside ()  # SECONDS OPTION...: QEMU runs what was checked last; its time is shown
{
  [ -n "${QEMU-}" ] && [ -n "$checked" ] && [ -n "$(command -v qemu-system-x86_64)" ] || return 0
  limit=$1
  shift
  begun_ns=$(date +%s%N)
  timeout "$limit" qemu-system-x86_64 -accel tcg "$@" </dev/null >/dev/null 2>&1
  echo "# QEMU: $((($(date +%s%N) - begun_ns) / 1000000)) ms"
}

boots_grub ()  # LINE OPTION...
{
  line=$1
  shift
  timeout 60 "$astern" run -m 128 -display none -serial stdio -no-reboot "$@" </dev/null >"$scratch/out" 2>"$scratch/err"
  says 'GRUB IS UP' && says "$line" || return 1
}

linux ()  # SECONDS GUEST OPTION...
{
  limit=$1 guest=$2
  shift 2
  timeout "$limit" "$astern" run -m 1024 -display none -serial stdio -no-reboot -kernel "$folder/vmlinuz" \
    -initrd "$folder/$guest.cpio.gz" -append 'console=ttyS0 quiet panic=-1' "$@" </dev/null >"$scratch/out" 2>"$scratch/err"
}

# What the guest read is what there was, and what it wrote is in the images afterwards.
works ()  # 'floppy' or '' OPTION...
{
  floppy=$1
  shift
  cp "$folder/disk.orig" "$scratch/disk.img"
  cp "$folder/floppy.orig" "$scratch/floppy.img"
  linux 400 work "$@" || { why "status $?"; return 1; }
  says '^DONE$' && says "^DISK $(sum "$folder/disk.orig")\$" && says "^CD $(sum "$folder/grub.iso")\$" &&
    says '^WRITTEN AS READ$' && says '^DIRECT AS READ$' && says '^FORGOTTEN$' && says "^NEW DISK $(sum "$scratch/disk.img")\$" || return 1
  [ -z "$floppy" ] || { says "^FLOPPY $(sum "$folder/floppy.orig")\$" && says "^NEW FLOPPY $(sum "$scratch/floppy.img")\$"; }
}

wait_for ()  # PATTERN PID
{
  tries=0
  until cat "$scratch/out" 2>/dev/null | tr -d "\r" | grep -q -e "$1"; do
    kill -0 "$2" 2>/dev/null || { why "ended before it said: $1"; return 1; }
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { why "did not say within three minutes: $1"; return 1; }
    sleep 0.3
  done
}

media_change ()
{
  mkfifo "$scratch/keys"
  timeout 400 "$astern" run -m 512 -display none -serial "file:$scratch/out" -monitor stdio -no-reboot -kernel "$folder/vmlinuz" \
    -initrd "$folder/change.cpio.gz" -append 'console=ttyS0 quiet panic=-1' \
    -cdrom "$folder/grub.iso" -drive file="$folder/floppy.orig",if=floppy,format=raw <"$scratch/keys" >"$scratch/err" 2>&1 &
  pid=$!
  exec 3>"$scratch/keys"
  wait_for '^CHANGE CD$' $pid && echo "change ide1-cd0 $folder/other.iso" >&3 &&
    wait_for '^CHANGE FLOPPY$' $pid && echo "change floppy0 $folder/other-floppy.img" >&3 && wait_for '^DONE$' $pid
  asked=$?
  [ $asked -eq 0 ] || kill $pid
  wait $pid
  exec 3>&-
  rm -f "$scratch/keys"
  [ $asked -eq 0 ] && says "^CD $(sum "$folder/other.iso")\$" && says "^FLOPPY $(sum "$folder/other-floppy.img")\$"
}

# The same run, from its recording alone.
replays ()
{
  linux 400 work -drive file="$folder/disk.orig",format=raw,snapshot=on -cdrom "$folder/grub.iso" \
    -drive file="$folder/floppy.orig",if=floppy,format=raw,snapshot=on -record "$scratch/run.astern" -state-hash || { why "status $?"; return 1; }
  hash=$(grep '^state-hash' "$scratch/out" "$scratch/err" -h)
  timeout 400 "$astern" replay "$scratch/run.astern" -serial null -state-hash </dev/null >"$scratch/out" 2>"$scratch/err" ||
    { why "replay: status $?"; return 1; }
  rm -f "$scratch/run.astern"
  [ -n "$hash" ] && [ "$hash" = "$(grep '^state-hash' "$scratch/out" "$scratch/err" -h)" ] || why "another state: $hash"
}

verifies ()  # OPTION...
{
  cp "$folder/disk.orig" "$scratch/disk.img"
  linux 900 fio "$@" || { why "status $?"; return 1; }
  says '^DONE$' && says 'err= 0' && says 'issued rwts: ' || return 1
  grep -E 'issued|bw=' "$scratch/out" | tr -d '\r' | sed 's/^ */# /' | head -n 3
}

check ()  # NAME COMMAND...
{
  name=$1 checked=
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1)) checked=yes
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why
  begun_ns=$(date +%s%N)
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($((($(date +%s%N) - begun_ns) / 1000000)) ms)"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

# --- the tests ----------------------------------------------------------------------

make_guests
make_media
cd_options="-cdrom $folder/grub.iso" hd_options="-drive file=$folder/grub.iso,format=raw,snapshot=on"
fd_options="-drive file=$folder/grub-floppy.img,if=floppy,format=raw"
for board in pc q35; do
  check "GRUB's CD boots on $board" boots_grub 'HELLO FROM THE CD' -M $board $cd_options
  beside 60 -m 128 -display none -serial stdio -no-reboot -M $board $cd_options
  check "GRUB's disk boots on $board" boots_grub 'HELLO FROM THE CD' -M $board $hd_options
  beside 60 -m 128 -display none -serial stdio -no-reboot -M $board $hd_options
done
check "GRUB's floppy boots" boots_grub 'HELLO FROM THE FLOPPY' $fd_options
beside 60 -m 128 -display none -serial stdio -no-reboot $fd_options
check 'bootindex= decides for the CD of three media' boots_grub 'HELLO FROM THE CD' $fd_options \
  -drive file="$folder/disk.orig",format=raw,snapshot=on -drive if=none,id=c,file="$folder/grub.iso",media=cdrom \
  -device ide-cd,drive=c,bus=ide.1,bootindex=1
check 'a SATA controller on pc boots, too' boots_grub 'HELLO FROM THE CD' -device ahci,id=sata \
  -drive if=none,id=c,file="$folder/grub.iso",media=cdrom -device ide-cd,drive=c,bus=sata.3

disk=file=$scratch/disk.img,format=raw
check "Linux works with IDE's disk and CD and with a floppy" works floppy -drive $disk -cdrom "$folder/grub.iso" \
  -drive file="$scratch/floppy.img",if=floppy,format=raw
beside 400 -m 1024 -display none -serial stdio -no-reboot -kernel "$folder/vmlinuz" -initrd "$folder/work.cpio.gz" \
  -append 'console=ttyS0 quiet panic=-1' -drive $disk -cdrom "$folder/grub.iso" -drive file="$scratch/floppy.img",if=floppy,format=raw
check "Linux works with AHCI's disk and CD" works '' -M q35 -drive $disk -cdrom "$folder/grub.iso"
beside 400 -m 1024 -display none -serial stdio -no-reboot -kernel "$folder/vmlinuz" -initrd "$folder/work.cpio.gz" \
  -append 'console=ttyS0 quiet panic=-1' -M q35 -drive $disk -cdrom "$folder/grub.iso"
check 'media are changed while Linux runs' media_change
check 'a run with disk, CD and floppy is replayed to the same state' replays
if [ -n "$(command -v fio)" ]; then
  for board in pc q35; do
    check "fio verifies 107,520 random writes on $board" verifies -M $board -drive $disk
    beside 900 -m 1024 -display none -serial stdio -no-reboot -kernel "$folder/vmlinuz" -initrd "$folder/fio.cpio.gz" \
      -append 'console=ttyS0 quiet panic=-1' -M $board -drive $disk
  done
fi

echo "1..$n"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
