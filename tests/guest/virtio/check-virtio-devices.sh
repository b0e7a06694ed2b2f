#!/bin/sh
# Virtio devices with a real guest: Debian's kernel with its disk, network and console without a bus (MMIO); a directory of
# the host by 9P, worked with at random and compared; sockets both ways.  Each is recorded, and replayed to the same hash.
# Speaks TAP; the last line counts.
#   check-virtio-devices.sh FOLDER GUEST_TOOL [PATTERN]     only tests whose names match; FOLDER keeps what was fetched
#
# Needs apt-get, cpio, a static busybox and python3.

folder=$1 tool=$2 only=${3-}
astern=${top_builddir:-.}/astern
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
helpers=
trap 'for p in $helpers; do kill "$p" 2>/dev/null; done; rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0

fail () { echo "Bail out! $*"; exit 99; }
why () { echo "$*" >>"$scratch/why"; return 1; }

# --- guest --------------------------------------------------------------------------

# In the order in which they need one another.
modules="failover net_failover virtio_ring virtio virtio_mmio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci
  virtio_blk virtio_net virtio_console 9pnet 9pnet_virtio netfs fscache 9p vsock vmw_vsock_virtio_transport_common
  vmw_vsock_virtio_transport"

fetch_kernel ()
{
  [ -f "$folder/vmlinuz" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$package" >download.log 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
    rm -f "$package"_*.deb && cp kernel/boot/vmlinuz-* vmlinuz) || fail "cannot fetch Debian's kernel; see $folder/download.log"
}

make_guest ()
{
  root=$scratch/root
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/mnt" "$root/modules"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  cp "$tool" "$root/bin/guest-tool" || fail 'no guest-tool'
  for m in $modules; do
    file=$(find "$folder/kernel/lib/modules/" -name "$m.ko" | head -n 1)
    [ -z "$file" ] || cp "$file" "$root/modules/"
  done
  cat >"$root/init" <<END
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in $(echo $modules); do insmod /modules/\$m.ko 2>/dev/null; done
END
  cat >>"$root/init" <<'END'
for w in $(cat /proc/cmdline); do case $w in what=*|sum=*|count=*) eval "$w";; esac; done
case $what in
devices)
  echo "ON $(ls /sys/bus/virtio/devices | wc -l) $(grep -c virtio /proc/interrupts)"
  dd if=/dev/zero bs=64k count=64 2>/dev/null | tr '\0' x >/dev/vda; sync; echo 3 >/proc/sys/vm/drop_caches
  echo "DISK $(dd if=/dev/vda bs=64k count=64 2>/dev/null | md5sum | cut -c1-32)"
  ifconfig eth0 10.0.2.15
  ping -c 3 -w 20 10.0.2.2 | grep -c 'bytes from' | sed 's/^/PINGS /'
  echo said on the console >/dev/hvc0
  ;;
files)
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 tag /mnt || echo "NO MOUNT"
  [ "$(md5sum </mnt/given | cut -c1-32)" = "$sum" ] && echo "GIVEN OK"
  cp /mnt/given /mnt/taken; ln -s taken /mnt/symbolic; ln /mnt/taken /mnt/hard; chmod 640 /mnt/taken
  mkdir /mnt/work; guest-tool files /mnt/work $count
  guest-tool attributes /mnt/attributes
  cat /mnt/outside 2>/dev/null && echo "OUTSIDE WAS READ"
  cd /mnt; find . | sort | md5sum | sed 's/^/NAMES /'; cd /; umount /mnt && echo UNMOUNTED
  ;;
readonly)
  mount -t 9p -o trans=virtio,version=9p2000.L tag /mnt
  echo x 2>/dev/null >/mnt/new || echo "REFUSED"
  [ "$(md5sum </mnt/given | cut -c1-32)" = "$sum" ] && echo "GIVEN OK"
  ;;
sockets)
  guest-tool call 80 $count; guest-tool call 81 1; guest-tool serve 99
  ;;
esac
echo DONE; poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$scratch/guest.cpio.gz"
}

# --- running ------------------------------------------------------------------------

linux ()  # 'WORDS FOR THE KERNEL' OPTION...
{
  words=$1
  shift
  rm -f "$scratch/run.astern"
  timeout 900 "$astern" run -m 256 -kernel "$folder/vmlinuz" -initrd "$scratch/guest.cpio.gz" -nographic -no-reboot -seed 1 \
    -append "console=ttyS0 quiet panic=-1 $words" -record "$scratch/run.astern" -state-hash "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
}

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }
says_not () { ! tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "said: $1"; }

replays ()
{
  was=$(grep -ah state-hash "$scratch/out" "$scratch/err")
  now=$(timeout 900 "$astern" replay "$scratch/run.astern" -nographic -state-hash 2>&1 </dev/null | grep -a state-hash)
  [ -n "$was" ] && [ "$was" = "$now" ] || why "the run: $was; the replay: $now"
}

devices ()  # MACHINE PROPERTIES
{
  truncate -s 8M "$scratch/disk.img"
  linux what=devices -machine "$1" -drive "file=$scratch/disk.img,format=raw,if=none,id=d" -device "virtio-blk-device,drive=d${2-}" \
    -netdev user,id=n -device "virtio-net-device,netdev=n${2-}" -device "virtio-serial-device${2-}" \
    -chardev "file,id=c,path=$scratch/console" -device virtconsole,chardev=c
  says 'ON 3 3' && says "DISK $(head -c 4194304 /dev/zero | tr '\0' x | md5sum | cut -c1-32)" && says 'PINGS 3' && says DONE &&
    { grep -q 'said on the console' "$scratch/console" || why 'nothing was said on the console'; } && replays
}

fill ()
{
  rm -rf "$scratch/shared" && mkdir "$scratch/shared" || return
  echo secret >"$scratch/secret"
  ln -s "$scratch/secret" "$scratch/shared/outside"
  head -c 3000000 /dev/urandom >"$scratch/shared/given"
  sum=$(md5sum <"$scratch/shared/given" | cut -c1-32)
}

files ()  # MODEL DEVICE COUNT
{
  fill
  linux "what=files sum=$sum count=$3" -fsdev "local,id=f,path=$scratch/shared,security_model=$1" -device "$2,fsdev=f,mount_tag=tag"
  says 'GIVEN OK' && says 'FILES OK' && says 'ATTRIBUTES OK' && says UNMOUNTED && says DONE && says_not WRONG && says_not OUTSIDE || return
  cmp -s "$scratch/shared/given" "$scratch/shared/taken" || why 'what was copied is another'
  [ "$1" = mapped-xattr ] || { [ "$(readlink "$scratch/shared/symbolic")" = taken ] && [ "$(stat -c %a%h "$scratch/shared/taken")" = 6402 ]; } ||
    why "links and modes: $(ls -l "$scratch/shared")"
  says "NAMES $(cd "$scratch/shared" && find . | LC_ALL=C sort | md5sum | cut -c1-32)" || return
  mv "$scratch/shared" "$scratch/gone" && replays && rm -rf "$scratch/gone"
}

readonly_files ()
{
  fill
  linux "what=readonly sum=$sum" -virtfs "local,path=$scratch/shared,mount_tag=tag,security_model=none,readonly=on"
  says REFUSED && says 'GIVEN OK' && replays && { [ ! -e "$scratch/shared/new" ] || why 'it was written to'; }
}

# Echoes at the guest's port 80; calls its port 99 when the guest serves, until it has answered.
sockets ()  # DEVICE
{
  cat >"$scratch/sockets.py" <<'END'
import os, socket, sys, threading, time
path, out = sys.argv[1], sys.argv[2]
echo = socket.socket(socket.AF_UNIX)
echo.bind(path + '_80')
echo.listen(1)
def serve():
    client, _ = echo.accept()
    while data := client.recv(65536):
        client.sendall(data)
    client.shutdown(socket.SHUT_WR)
    client.recv(1)
threading.Thread(target=serve, daemon=True).start()
print('ready', flush=True)
while 'SERVING' not in (open(out).read() if os.path.exists(out) else ''):
    time.sleep(0.2)
guest = socket.socket(socket.AF_UNIX)
guest.connect(path)
guest.sendall(b'CONNECT 99\n')
answer = b''
while not answer.endswith(b'\n'):
    answer += guest.recv(1)
guest.sendall(b'to the guest ' * 1000)
got = b''
while len(got) < 13000:
    got += guest.recv(65536)
print('RIGHT' if answer.startswith(b'OK ') and got == b'to the guest ' * 1000 else 'WRONG', flush=True)
guest.close()
END
  rm -f "$scratch"/vsock* "$scratch/out" "$scratch/served"
  python3 "$scratch/sockets.py" "$scratch/vsock" "$scratch/out" >"$scratch/served" 2>&1 &
  helper=$!
  helpers="$helpers $helper"
  until [ -s "$scratch/served" ]; do sleep 0.1; kill -0 $helper || return; done
  linux 'what=sockets count=4' -device "$1,guest-cid=7,uds-path=$scratch/vsock"
  kill $helper 2>/dev/null
  says 'WRONG: connect to port 81' && says SERVED && says DONE || return
  [ "$(sed -n 's/.*SENT \([0-9a-f]*\).*/\1/p' "$scratch/out")" = "$(sed -n 's/.*CAME \([0-9a-f]*\).*/\1/p' "$scratch/out")" ] ||
    why 'what came back is not what was sent'
  grep -q RIGHT "$scratch/served" || why "the host: $(cat "$scratch/served")"
  replays
}

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why
  begun=$(date +%s)
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($(($(date +%s) - begun)) s)"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

fetch_kernel
make_guest
for board in pc q35; do
  check "MMIO on $board: disk, network and console, as ACPI tells" devices $board
done
check 'MMIO: the interface of before virtio 1.0' devices pc ,force-legacy=on
check 'MMIO: packed rings' devices q35 ,packed=on
check '9P: a directory is worked with, and replayed without it' files none virtio-9p-pci 1000
check '9P: owners in attributes' files mapped-xattr virtio-9p-pci 300
check '9P on MMIO' files passthrough virtio-9p-device 300
check '9P: a directory to be read only' readonly_files
check 'sockets both ways' sockets vhost-vsock-pci
check 'sockets both ways on MMIO' sockets vhost-vsock-device
echo "1..$n"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
