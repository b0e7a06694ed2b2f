#!/bin/sh
# Network cards with real guests: Debian's kernel gets an address by DHCP, fetches and sends files through the network
# “user”, is replayed to the same hash; iPXE boots it over TFTP; two machines talk over a socket.  Speaks TAP; the last
# line counts.
#   check-net.sh FOLDER [PATTERN]     only tests whose names match; FOLDER keeps what was fetched and made
# MIB=1024 sends so much each way (16).  With QEMU=1, QEMU runs the same beside, and both times are shown.
#
# Needs apt-get, cpio, a static busybox and python3; iPXE's ROMs for booting.

folder=$1 only=${2-}
mib=${MIB:-16}
astern=${top_builddir:-.}/astern
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0

fail () { echo "Bail out! $*"; exit 99; }
why () { echo "$*" >>"$scratch/why"; return 1; }

# --- guest --------------------------------------------------------------------------

modules="mii 8390 failover net_failover virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci
  e1000 e1000e 8139cp ne2k-pci pcnet32 virtio_net"

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
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/modules"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  for m in $modules; do
    file=$(find "$folder/kernel/lib/modules/" -name "$m.ko" | head -n 1)
    [ -z "$file" ] || cp "$file" "$root/modules/"
  done
  cat >"$root/bound" <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ifconfig $interface $ip netmask $subnet up
route add default gw $router
echo "ADDRESS $ip"
END
  cat >"$root/init" <<END
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in $(echo $modules); do insmod /modules/\$m.ko 2>/dev/null; done
END
  cat >>"$root/init" <<'END'
for w in $(cat /proc/cmdline); do case $w in port=*|up=*|mib=*|what=*|ip=*) eval "$w";; esac; done
for i in /sys/class/net/*; do case $i in */lo) ;; *) dev=${i##*/};; esac; done
echo "CARD $dev $(cat /sys/class/net/$dev/address)"
ifconfig $dev up
case $what in
transfer)
  udhcpc -i $dev -s /bound -n -q -t 8 -T 2 2>/dev/null | grep ADDRESS
  echo "DOWN $(wget -q -O - http://10.0.2.2:$port/data | sha256sum | cut -c1-32)"
  dd if=/dev/zero bs=64k count=$((mib * 16)) 2>/dev/null | nc 10.0.2.2 $up
  ;;
ping)
  ifconfig $dev 192.168.5.$ip
  if [ $ip = 1 ]; then ping -c 3 -w 40 192.168.5.2 | grep 'bytes from' | head -n 3; else sleep 20; fi
  ;;
esac
echo DONE; poweroff -f
END
  chmod +x "$root/init" "$root/bound"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$folder/net.cpio.gz"
}

# --- the host's side ----------------------------------------------------------------

# Says its two ports, and then how much of what came and its sum.
start_server ()
{
  mkdir -p "$scratch/www"
  head -c $((mib * 1048576)) /dev/urandom >"$scratch/www/data"
  cat >"$scratch/server.py" <<'END'
import hashlib, http.server, os, socket, sys, threading
os.chdir(sys.argv[1])
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
web = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Quiet)
threading.Thread(target=web.serve_forever, daemon=True).start()
sink = socket.socket()
sink.bind(('127.0.0.1', 0))
sink.listen(5)
print(web.server_port, sink.getsockname()[1], flush=True)
while True:
    client, _ = sink.accept()
    digest, size = hashlib.sha256(), 0
    while data := client.recv(1 << 20):
        digest.update(data)
        size += len(data)
    client.close()
    print('UP', size, digest.hexdigest()[:32], flush=True)
END
  python3 "$scratch/server.py" "$scratch/www" >"$scratch/served" 2>&1 &
  server=$!
  until [ -s "$scratch/served" ]; do sleep 0.1; kill -0 "$server" || fail 'no server'; done
  read -r port up <"$scratch/served"
}

# --- running ------------------------------------------------------------------------

linux ()  # PROGRAM 'WORDS FOR THE KERNEL' OPTION...
{
  program=$1 words=$2
  shift 2
  timeout 900 $program -m 512 -kernel "$folder/vmlinuz" -initrd "$folder/net.cpio.gz" \
    -append "console=ttyS0 quiet panic=-1 $words" -nographic -no-reboot "$@" >"$scratch/out" 2>"$scratch/err"
}

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }

words () { echo "what=transfer port=$port up=$up mib=$mib"; }

right ()
{
  says "ADDRESS 10.0.2.15" && says "DOWN $(sha256sum <"$scratch/www/data" | cut -c1-32)" && says DONE || return
  sleep 0.5
  [ "$(tail -n 1 "$scratch/served")" = "UP $((mib * 1048576)) $(head -c $((mib * 1048576)) /dev/zero | sha256sum | cut -c1-32)" ] ||
    why "what was sent came as: $(tail -n 1 "$scratch/served")"
}

transfers ()  # MODEL
{
  begun=$(date +%s)
  linux "$astern run" "$(words)" -nic "user,model=$1" && right || return
  took="$(($(date +%s) - begun)) s"
  [ -n "${QEMU-}" ] || return 0
  begun=$(date +%s)
  linux 'qemu-system-x86_64 -accel tcg' "$(words)" -nic "user,model=$1" && right || return
  echo "# $1, $mib MiB each way: $took; QEMU: $(($(date +%s) - begun)) s"
}

replays ()  # MODEL
{
  rm -f "$scratch/run.astern"
  linux "$astern run" "$(words)" -nic "user,model=$1" -record "$scratch/run.astern" -state-hash && right || return
  was=$(grep -h state-hash "$scratch/out" "$scratch/err")
  now=$(timeout 900 "$astern" replay "$scratch/run.astern" -state-hash 2>&1 | grep -a state-hash)
  [ -n "$was" ] && [ "$was" = "$now" ] || why "the run: $was; the replay: $now"
}

boots_by_tftp ()  # MODEL
{
  mkdir -p "$scratch/tftp"
  cp "$folder/vmlinuz" "$folder/net.cpio.gz" "$scratch/tftp/"
  printf '#!ipxe\nkernel vmlinuz console=ttyS0 quiet %s initrd=net.cpio.gz\ninitrd net.cpio.gz\nboot\n' "$(words)" >"$scratch/tftp/boot.ipxe"
  timeout 900 "$astern" run -m 512 -nographic -vga none -boot n -no-reboot \
    -nic "user,model=$1,tftp=$scratch/tftp,bootfile=boot.ipxe" >"$scratch/out" 2>"$scratch/err" && right
}

talk ()  # MODEL
{
  timeout 300 "$astern" run -m 256 -kernel "$folder/vmlinuz" -initrd "$folder/net.cpio.gz" -append 'console=ttyS0 quiet what=ping ip=2' \
    -display none -serial null -no-reboot -netdev "stream,id=n,server=on,addr.type=unix,addr.path=$scratch/wire" -device "$1,netdev=n,mac=52:54:00:00:00:02" &
  other=$!
  until [ -S "$scratch/wire" ]; do sleep 0.2; kill -0 $other || return; done
  linux "$astern run" 'what=ping ip=1' -netdev "stream,id=n,addr.type=unix,addr.path=$scratch/wire" -device "$1,netdev=n" \
    -object "filter-dump,id=d,netdev=n,file=$scratch/dump.pcap"
  wait $other
  says 'bytes from 192.168.5.2' && [ "$(od -A n -t x4 -N 4 "$scratch/dump.pcap")" = ' a1b23c4d' ]
}

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why
  begun_test=$(date +%s)
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $n - $name ($(($(date +%s) - begun_test)) s)"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

fetch_kernel
make_guest
start_server
for model in e1000 e1000e rtl8139 ne2k_pci pcnet virtio-net-pci; do
  check "$model: an address, a file each way, with the right sums" transfers $model
done
for model in e1000 e1000e rtl8139 ne2k_pci pcnet virtio-net-pci; do
  check "$model: a recording is replayed to the same hash" replays $model
done
check 'iPXE boots by TFTP from an e1000' boots_by_tftp e1000
check 'iPXE boots by TFTP from an rtl8139' boots_by_tftp rtl8139
check 'two machines talk over a socket, and it is written down' talk e1000
echo "1..$n"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
