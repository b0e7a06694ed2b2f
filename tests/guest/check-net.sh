#!/bin/sh
# Network cards with real guests: Debian's kernel gets an address by DHCP, fetches and sends files through the network
# “user”, is replayed to the same hash; iPXE boots it over TFTP; hostfwd, guestfwd, restrict and DNS; a tap in a bridge; two
# machines on a cable.  Speaks TAP; the last line counts.
#   check-net.sh FOLDER [PATTERN]     only tests whose names match; FOLDER keeps what was fetched and made
# MIB=1024 sends so much each way (16; the old cards have 16).  With QEMU=3, QEMU does the same beside it three times, in turns,
# without sums, and medians of what both took are shown.
#
# Needs apt-get, cpio, a static busybox and python3; iPXE's ROMs for booting; root, unshare and ip for bridges and DNS.

folder=$1 only=${2-}
mib=${MIB:-16}
rounds=${QEMU:-0}
astern=${top_builddir:-.}/astern
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0 skipped=0

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
for w in $(cat /proc/cmdline); do case $w in port=*|up=*|down=*|mib=*|what=*|ip=*) eval "$w";; esac; done
for i in /sys/class/net/*; do case $i in */lo) ;; *) dev=${i##*/};; esac; done
echo "CARD $dev $(cat /sys/class/net/$dev/address)"
ifconfig $dev up
script () { printf '#!/bin/sh\n%s\n' "$2" >/tmp/$1; chmod +x /tmp/$1; }
settle () { while grep -qE ' (01|04|0B) ' /proc/net/tcp; do usleep 20000; done; }
address () { udhcpc -i $dev -s /bound -n -q -t 8 -T 2 2>/dev/null | grep ADDRESS; }
transfer ()
{
  wget -q -O /tmp/piece http://$1:$port/piece
  script take 'exec sha256sum >/tmp/sum'
  nc $1 $down -e /tmp/take
  echo "DOWN $(cut -c1-32 /tmp/sum)"
  list=; n=0
  while [ $n -lt $mib ]; do list="$list /tmp/piece"; n=$((n + 1)); done
  script give "exec cat $list"
  nc $1 $up -e /tmp/give
  settle
}
case $what in
transfer) address; transfer 10.0.2.2 ;;
rate)
  address
  script take 'exec dd of=/dev/null bs=64k 2>/dev/null'
  nc 10.0.2.2 $down -e /tmp/take
  script give "exec dd if=/dev/zero bs=64k count=$((mib * 16)) 2>/dev/null"
  nc 10.0.2.2 $up -e /tmp/give
  settle
  ;;
ping)
  ifconfig $dev 192.168.5.$ip
  if [ $ip = 1 ]; then ping -c 3 -w 60 192.168.5.2 | grep 'bytes from' | head -n 3; else sleep 60; fi
  ;;
bridge)
  ifconfig $dev 192.168.7.2 netmask 255.255.255.0
  transfer 192.168.7.1
  ;;
forward)
  address
  echo READY
  script answer 'read line; echo "guest heard $line"; [ "$line" != enough ] || : >/tmp/enough'
  nc -ll -p 80 -e /tmp/answer &
  echo "GUESTFWD $(echo hello | nc -w 3 10.0.2.100 1234)"
  until [ -e /tmp/enough ]; do usleep 100000; done
  ;;
restricted)
  address
  script take 'exec wc -c >/tmp/n'
  nc -w 3 10.0.2.2 $down -e /tmp/take || echo NOT REACHED
  echo "GUESTFWD $(echo hello | nc -w 3 10.0.2.100 1234)"
  ;;
dns)
  address
  n=0
  until name=$(nslookup guest.example 10.0.2.3 2>/dev/null | grep -o '192\.0\.2\.7') || [ $n = 20 ]; do n=$((n + 1)); sleep 1; done
  echo "NAME $name"
  ;;
esac
echo DONE; poweroff -f
END
  chmod +x "$root/init" "$root/bound"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$folder/net.cpio.gz"
}

# --- the host's side ----------------------------------------------------------------

# Says its three ports, and then what each transfer took: bytes, seconds, seconds of the emulator's CPUs, its most memory in
# KiB, and the sum of what came.
start_server ()  # ADDRESS
{
  mkdir -p "$scratch/www"
  [ -f "$scratch/data" ] || head -c $((mib * 1048576)) /dev/urandom >"$scratch/data"
  [ -f "$scratch/www/piece" ] || head -c 1048576 /dev/urandom >"$scratch/www/piece"
  cat >"$scratch/server.py" <<'END'
import hashlib, http.server, os, socket, sys, threading, time
address, folder = sys.argv[1:]
os.chdir(folder + '/www')
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
web = http.server.ThreadingHTTPServer((address, 0), Quiet)
threading.Thread(target=web.serve_forever, daemon=True).start()

def spent():
    try:
        fields = open('/proc/%s/stat' % open(folder + '/pid').read().strip()).read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    except OSError:
        return 0

def most_memory():
    try:
        lines = open('/proc/%s/status' % open(folder + '/pid').read().strip()).read().split('\n')
        return [line.split()[1] for line in lines if line.startswith('VmHWM')][0]
    except (OSError, IndexError):
        return 0

def serve(sock, name, move):
    while True:
        client, _ = sock.accept()
        before, begun = spent(), time.monotonic()
        size, digest = move(client)
        took = time.monotonic() - begun
        print(name, size, '%.3f %.2f' % (took, spent() - before), most_memory(), digest, flush=True)
        client.close()

def give(client):
    with open(folder + '/data', 'rb') as data:
        size = os.fstat(data.fileno()).st_size
        done = 0
        try:
            while done < size:
                done += os.sendfile(client.fileno(), data.fileno(), done, size - done)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096): pass
        except OSError:
            pass
    return done, '-'

def take(client):
    digest, size, buffer = hashlib.sha256(), 0, bytearray(1 << 20)
    while n := client.recv_into(buffer):
        digest.update(memoryview(buffer)[:n])
        size += n
    return size, digest.hexdigest()[:32]

ports = []
for name, move in (('GAVE', give), ('TOOK', take)):
    sock = socket.socket()
    sock.bind((address, 0))
    sock.listen(5)
    ports.append(sock.getsockname()[1])
    threading.Thread(target=serve, args=(sock, name, move), daemon=True).start()
print(web.server_port, *ports, flush=True)
threading.Event().wait()
END
  : >"$scratch/served"
  python3 "$scratch/server.py" "$1" "$scratch" >"$scratch/served" 2>"$scratch/server.err" &
  server=$!
  until [ -s "$scratch/served" ]; do sleep 0.1; kill -0 "$server" || fail 'no server'; done
  read -r port down up <"$scratch/served"
}

stop_server () { kill "$server"; wait "$server" 2>/dev/null; server=; }

# The sum of all pieces; that of the data.
sums ()
{
  given=$(sha256sum <"$scratch/data" | cut -c1-32)
  taken=$(n=0; while [ $n -lt "$mib" ]; do cat "$scratch/www/piece"; n=$((n + 1)); done | sha256sum | cut -c1-32)
}

# --- running ------------------------------------------------------------------------

linux ()  # PROGRAM 'WORDS FOR THE KERNEL' OPTION...
{
  program=$1 words=$2
  shift 2
  # shellcheck disable=SC2016,SC2086
  timeout "${PATIENCE-1800}" sh -c 'echo $$ >"$0"; exec "$@"' "$scratch/pid" $program -m 512 -kernel "$folder/vmlinuz" \
    -initrd "$folder/net.cpio.gz" -append "console=ttyS0 quiet panic=-1 $words" -nographic -no-reboot "$@" \
    >"$scratch/out" 2>"$scratch/err" </dev/null
}

says () { tr -d '\r' <"$scratch/out" | grep -q -e "$1" || why "never said: $1"; }

words () { echo "what=$1 port=$port down=$down up=$up mib=$mib"; }

# What was received at both ends is what was sent.
right ()
{
  says "DOWN $given" && says DONE || return
  sleep 0.5
  set -- $(grep TOOK "$scratch/served" | tail -n 1)
  [ "$2 $6" = "$((mib * 1048576)) $taken" ] || why "what was sent came as: $*"
}

transfers ()  # MODEL
{
  linux "$astern run" "$(words transfer)" -nic "user,model=$1" && says "ADDRESS 10.0.2.15" && right
}

replays ()  # MODEL
{
  rm -f "$scratch/run.astern"
  linux "$astern run" "$(words transfer)" -nic "user,model=$1" -record "$scratch/run.astern" -state-hash && right || return
  was=$(grep -h state-hash "$scratch/out" "$scratch/err")
  now=$(timeout "${PATIENCE-1800}" "$astern" replay "$scratch/run.astern" -state-hash 2>&1 </dev/null | grep -a state-hash)
  rm -f "$scratch/run.astern"
  [ -n "$was" ] && [ "$was" = "$now" ] || why "the run: $was; the replay: $now"
}

# What was received does not stay in memory: 512 MiB of the guest's, 64 of history, and 200 of all else.
holds_little ()  # MODEL
{
  linux "$astern run" "$(words transfer)" -nic "user,model=$1" -history 64M && right || return
  set -- $(grep TOOK "$scratch/served" | tail -n 1)
  echo "# $mib MiB each way: at most $(($5 / 1024)) MiB of memory"
  [ "$5" -lt $(((512 + 64 + 200) * 1024)) ] || why "it took $5 KiB"
}

# --- beside QEMU --------------------------------------------------------------------

median () { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

# Of GAVE or TOOK lines: MiB a second, and seconds of CPU.
rates () { awk -v kind="$1" '$1 == kind { printf "%.1f\n", $2 / 1048576 / $3 }' "$2"; }
cpus ()  { awk -v kind="$1" '$1 == kind { print $4 }' "$2"; }

beside_qemu ()  # MODEL
{
  : >"$scratch/astern.rates"; : >"$scratch/qemu.rates"
  round=0
  while [ $round -lt "$rounds" ]; do
    for one in astern qemu; do
      program="$astern run"
      [ $one = astern ] || program='qemu-system-x86_64 -accel tcg'
      lines=$(wc -l <"$scratch/served")
      linux "$program" "$(words rate)" -nic "user,model=$1" && says DONE || return
      sleep 0.3
      tail -n "+$((lines + 1))" "$scratch/served" >>"$scratch/$one.rates"
    done
    round=$((round + 1))
  done
  slower=0
  for kind in GAVE TOOK; do
    ours=$(rates $kind "$scratch/astern.rates" | median) theirs=$(rates $kind "$scratch/qemu.rates" | median)
    echo "# $1, $([ $kind = GAVE ] && echo to || echo from) the guest, $mib MiB, medians of $rounds: $ours MiB/s, $(cpus $kind "$scratch/astern.rates" | median) s of CPU; QEMU: $theirs MiB/s, $(cpus $kind "$scratch/qemu.rates" | median) s of CPU"
    awk "BEGIN { exit !($ours < $theirs) }" && slower=1
  done
  [ $slower -eq 0 ] || why 'QEMU is faster'
}

# --- booting, ports, names ----------------------------------------------------------

boots_by_tftp ()  # MODEL
{
  mkdir -p "$scratch/tftp"
  cp "$folder/vmlinuz" "$folder/net.cpio.gz" "$scratch/tftp/"
  printf '#!ipxe\nkernel vmlinuz console=ttyS0 quiet %s initrd=net.cpio.gz\ninitrd net.cpio.gz\nboot\n' "$(words transfer)" >"$scratch/tftp/boot.ipxe"
  timeout 900 "$astern" run -m 512 -nographic -vga none -boot n -no-reboot \
    -nic "user,model=$1,tftp=$scratch/tftp,bootfile=boot.ipxe" >"$scratch/out" 2>"$scratch/err" </dev/null && right
}

# The host asks when the guest is ready, and as often as it takes.
forwards ()
{
  cat >"$scratch/ask.py" <<'END'
import socket, sys, time
for word in 'a word from the host', 'enough':
    for _ in range(300):
        try:
            client = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)
            client.sendall(word.encode() + b'\n')
            answer = client.makefile().readline()
            if answer:
                print(answer, end='', flush=True)
                break
        except OSError:
            pass
        time.sleep(0.5)
END
  free=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  python3 "$scratch/ask.py" "$free" >"$scratch/asked" &
  asker=$!
  linux "$astern run" "$(words forward)" \
    -nic "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:$free-:80,guestfwd=tcp:10.0.2.100:1234-cmd:sed -u s/hello/answered/"
  kill $asker 2>/dev/null
  wait $asker
  says 'GUESTFWD answered' && grep -q 'guest heard a word from the host' "$scratch/asked" || why "the host heard: $(cat "$scratch/asked")"
}

restricts ()
{
  linux "$astern run" "$(words restricted)" \
    -nic "user,model=e1000,restrict=on,guestfwd=tcp:10.0.2.100:1234-cmd:sed -u s/hello/answered/" &&
    says 'NOT REACHED' && says 'GUESTFWD answered'
}

# A name server of our own, in a place of its own: one answer to all.
resolves ()
{
  cat >"$scratch/dns.py" <<'END'
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 53))
while True:
    asked, who = server.recvfrom(512)
    kind = asked[-4:-2]
    answer = b'\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07' if kind == b'\x00\x01' else b''
    server.sendto(asked[:2] + b'\x81\x80\x00\x01\x00' + (b'\x01' if answer else b'\x00') + b'\x00\x00\x00\x00' + asked[12:] + answer, who)
END
  echo 'nameserver 127.0.0.1' >"$scratch/resolv.conf"
  cat >"$scratch/apart.sh" <<END
ip link set lo up
mount --bind "$scratch/resolv.conf" /etc/resolv.conf
python3 "$scratch/dns.py" & dns=\$!
"\$@"
kill \$dns
END
  apart='unshare -m -n sh'
  linux "$apart $scratch/apart.sh $astern run" "$(words dns)" -nic user,model=e1000 && says 'NAME 192.0.2.7'
}

# --- bridges and cables -------------------------------------------------------------

bridged ()  # OPTION...
{
  cat >"$scratch/bridge.sh" <<END
ip link set lo up
ip link add br0 type bridge
ip addr add 192.168.7.1/24 dev br0
ip link set br0 up
ip tuntap add tap7 mode tap
ip link set tap7 master br0
ip link set tap7 up
exec sh "$0" "$folder" --in-the-bridge "\$@"
END
  top_builddir=${top_builddir:-.} MIB=$mib unshare -m -n sh "$scratch/bridge.sh" "$@" >"$scratch/inner" 2>&1 || {
    tail -n 20 "$scratch/inner" >>"$scratch/why"; return 1; }
}

helped ()
{
  mkdir -p "$scratch/qemu"
  echo 'allow br0' >"$scratch/qemu/bridge.conf"
  [ -x /usr/lib/qemu/qemu-bridge-helper ] && [ -d /etc/qemu ] || {
    echo 'qemu-bridge-helper or /etc/qemu is not there' >"$scratch/skipped"; return 0; }
  QEMU_CONF=$scratch/qemu bridged -netdev bridge,id=n,br=br0,helper=/usr/lib/qemu/qemu-bridge-helper -device e1000,netdev=n
}

# One end's words, the other's.
talk ()  # MODEL WORDS WORDS
{
  timeout 600 "$astern" run -m 256 -kernel "$folder/vmlinuz" -initrd "$folder/net.cpio.gz" -append 'console=ttyS0 quiet what=ping ip=2' \
    -display none -serial null -monitor none -no-reboot -netdev "$2" -device "$1,netdev=n,mac=52:54:00:00:00:02" </dev/null >"$scratch/other" 2>&1 &
  other=$!
  sleep 2
  linux "$astern run" 'what=ping ip=1' -netdev "$3" -device "$1,netdev=n" -object "filter-dump,id=d,netdev=n,file=$scratch/dump.pcap"
  kill $other 2>/dev/null
  wait $other
  says 'bytes from 192.168.5.2' && [ "$(od -A n -t x4 -N 4 "$scratch/dump.pcap")" = ' a1b23c4d' ]
}

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  rm -f "$scratch"/out "$scratch"/err "$scratch"/why "$scratch"/skipped
  begun_test=$(date +%s)
  if "$@"; then
    if [ -f "$scratch/skipped" ]; then
      skipped=$((skipped + 1))
      echo "ok $n - $name # SKIP $(cat "$scratch/skipped")"
    else
      passed=$((passed + 1))
      echo "ok $n - $name ($(($(date +%s) - begun_test)) s)"
    fi
  else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    cat "$scratch/why" "$scratch/err" 2>/dev/null | tail -n 12 | sed 's/^/# /'
    tail -n 12 "$scratch/out" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

# In the namespace that bridged() made: one transfer.
if [ "${2-}" = --in-the-bridge ]; then
  shift 2
  [ -z "${QEMU_CONF-}" ] || mount --bind "$QEMU_CONF" /etc/qemu
  start_server 192.168.7.1
  sums
  linux "$astern run" "$(words bridge)" "$@" && right && exit 0
  cat "$scratch/why" "$scratch/err"
  tail -n 12 "$scratch/out"
  exit 1
fi

fetch_kernel
make_guest
start_server 127.0.0.1
sums
for model in virtio-net-pci e1000 e1000e; do
  check "$model: $mib MiB each way, with the right sums" transfers $model
  check "$model: a recording is replayed to the same hash" replays $model
done
check "virtio-net-pci: what was received takes no memory" holds_little virtio-net-pci
if [ "$rounds" -gt 0 ]; then
  for model in virtio-net-pci e1000; do
    check "$model: no slower than QEMU" beside_qemu $model
  done
fi
if [ "$mib" -gt 16 ]; then
  stop_server
  mib=16
  rm -f "$scratch/data"
  start_server 127.0.0.1
  sums
fi
for model in rtl8139 ne2k_pci pcnet; do
  check "$model: $mib MiB each way, with the right sums" transfers $model
  check "$model: a recording is replayed to the same hash" replays $model
done
for model in e1000 e1000e rtl8139 ne2k_pci pcnet virtio-net-pci; do
  check "iPXE boots by TFTP: $model" boots_by_tftp $model
done
check 'a port of the host leads into the guest, an address of the guest out of it' forwards
check 'a restricted guest reaches what is forwarded, and nothing else' restricts
check 'the guest asks the host for names' resolves
check 'a tap in a bridge carries both ways' bridged -netdev tap,id=n,ifname=tap7,script=no,downscript=no -device virtio-net-pci,netdev=n
check 'a bridge is joined' bridged -netdev bridge,id=n,br=br0 -device e1000,netdev=n
check 'a bridge is joined by the helper of QEMU' helped
check 'two machines talk: stream' talk e1000 "stream,id=n,server=on,addr.type=unix,addr.path=$scratch/wire" \
  "stream,id=n,addr.type=unix,addr.path=$scratch/wire"
check 'two machines talk: dgram' talk virtio-net-pci \
  "dgram,id=n,local.type=unix,local.path=$scratch/a,remote.type=unix,remote.path=$scratch/b" \
  "dgram,id=n,local.type=unix,local.path=$scratch/b,remote.type=unix,remote.path=$scratch/a"
check 'two machines talk: socket' talk rtl8139 'socket,id=n,listen=127.0.0.1:47113' 'socket,id=n,connect=127.0.0.1:47113'
echo "1..$n"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
