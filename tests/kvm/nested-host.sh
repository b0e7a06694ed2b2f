#!/bin/sh
# Runs a command in an emulated host that has /dev/kvm: QEMU emulates a CPU with AMD's SVM, and Debian's kernel runs on it.  The command
# sees this machine's files where they are here (what it writes is forgotten, except in FOLDER of -share), the same current folder
# and the same environment; its output and its status are given back.
#
#   nested-host.sh [OPTION]... COMMAND [ARGUMENT]...
#     -cache FOLDER    where the kernel is kept once it was fetched (guests.cache/kvm)
#     -share FOLDER    what is written to this folder stays
#     -console FILE    gets what the emulated host's kernel says
#     -smp N           CPUs of the emulated host (1)
#     -m MIB           its memory (1536)
#     -limit SECONDS   after which it is turned off: status 124 (900)
#     -input           the command reads what is typed here; else it has none
#   nested-host.sh [-cache FOLDER] -fetch     only fetches what it needs
#
# Needs apt-get (for the first time), cpio, depmod, a static busybox and qemu-system-x86_64.

cache=guests.cache/kvm share= console=/dev/null smp=1 mib=1536 limit=900 input= fetch=

fail () { echo "nested-host: $*" >&2; exit 99; }

while :; do
  case $1 in
    -cache)   cache=$2; shift 2 ;;
    -share)   share=$2; shift 2 ;;
    -console) console=$2; shift 2 ;;
    -smp)     smp=$2; shift 2 ;;
    -m)       mib=$2; shift 2 ;;
    -limit)   limit=$2; shift 2 ;;
    -input)   input=yes; shift ;;
    -fetch)   fetch=yes; shift ;;
    -*)       fail "there is no option $1" ;;
    *)        break ;;
  esac
done
[ -n "$fetch" ] || [ $# -gt 0 ] || fail 'which command?'
for tool in cpio depmod busybox qemu-system-x86_64; do command -v $tool >/dev/null || fail "there is no $tool"; done
mkdir -p "$cache" && cache=$(cd "$cache" && pwd) || fail "cannot make $cache"
exchange=$(cd "$(mktemp -d)" && pwd -P) && share=$(cd "${share:-$exchange}" && pwd -P) || fail 'there is no such folder to share'
trap 'rm -rf "$exchange"' EXIT
trap 'exit 130' INT TERM

fetch_kernel ()
{
  [ -f "$cache/vmlinuz" ] && [ -d "$cache/kernel/lib/modules" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$cache" && apt-get -q download "$package" >download.log 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
    rm -f "$package"_*.deb && cp kernel/boot/vmlinuz-* vmlinuz) || fail "cannot fetch Debian's kernel; see $cache/download.log"
}

# Modules, in the order in which they have to be loaded.
copy_modules ()  # FOLDER
{
  base=$cache/kernel
  release=$(ls "$base/lib/modules")
  [ -f "$base/lib/modules/$release/modules.dep" ] || depmod -b "$base" "$release" || fail 'depmod failed'
  for module in virtio_pci 9pnet_virtio 9p overlay ccp kvm-amd; do
    modprobe -d "$base" -S "$release" --show-depends $module || fail "the kernel has no module $module"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" "$1/" && basename "$file" >>"$1/order"
  done
}

# The command runs where "/" is this machine's, with a layer over it that forgets; the exchange folder, a share of its own, holds the
# command (as words of a shell), the environment, and in the end the status.
write_init ()  # FILE
{
  cat >"$1" <<'END'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read -r m; do insmod /modules/$m; done </modules/order
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose root /lower
mount -t tmpfs -o size=75% tmp /upper; mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work root /root || poweroff -f
for f in dev proc sys; do mount --move /$f /root/$f; done
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts pts /root/dev/pts; mount -t tmpfs shm /root/dev/shm
mount -t debugfs debug /root/sys/kernel/debug; mount -t tracefs trace /root/sys/kernel/tracing
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 exchange /exchange
[ -f /exchange/share ] && share=$(cat /exchange/share)
[ -n "$share" ] && { mkdir -p "/root$share"; mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=mmap share "/root$share"; }
ip link set lo up
stty raw -echo </root/dev/ttyS1
cp /exchange/command /root/dev/shm/command
if [ -e /exchange/input ]; then exec 3</root/dev/ttyS1; else exec 3</root/dev/null; fi
chroot /root /bin/sh /dev/shm/command <&3 >/root/dev/ttyS1 2>&1
echo $? >/exchange/status
sync
poweroff -f
END
  chmod +x "$1"
}

make_root ()
{
  [ "$cache/host.gz" -nt "$0" ] && return
  root=$exchange/root
  mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/modules" "$root/lower" "$root/upper" "$root/root" "$root/exchange" &&
    cp "$(command -v busybox)" "$root/bin/busybox" || fail 'cannot copy busybox'
  copy_modules "$root/modules"
  write_init "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$cache/host.gz.$$" &&
    mv "$cache/host.gz.$$" "$cache/host.gz" || fail "cannot make $cache/host.gz"
  rm -rf "$root"
}

quoted ()  # WORD
{
  printf "'"; printf %s "$1" | sed "s/'/'\\\\''/g"; printf "' "
}

write_command ()  # WORD...
{
  {
    export -p
    printf 'cd '; quoted "$(pwd)"; printf '|| exit 99\nexec '
    for word; do quoted "$word"; done
    echo
  } >"$exchange/command"
}

fetch_kernel
make_root
[ -z "$fetch" ] || exit 0
write_command "$@"
[ "$share" = "$exchange" ] || echo "$share" >"$exchange/share"
[ -z "$input" ] || : >"$exchange/input"
[ -n "$input" ] || exec </dev/null
timeout --foreground "$limit" qemu-system-x86_64 -accel tcg -cpu EPYC,+svm,+npt -m "$mib" -smp "$smp" -nodefaults -no-reboot -display none \
  -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$exchange,mount_tag=exchange,security_model=none" -virtfs "local,path=$share,mount_tag=share,security_model=none" \
  -kernel "$cache/vmlinuz" -initrd "$cache/host.gz" -append 'console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable' \
  -serial "file:$console" -serial stdio 2>"$exchange/qemu"
status=$?
[ $status -eq 0 ] || { cat "$exchange/qemu" >&2; exit $status; }
[ -f "$exchange/status" ] || fail "the emulated host ended before the command did; see -console"
exit "$(cat "$exchange/status")"
