#!/bin/sh
# How often a guest leaves for the kernel (KVM) and for user space, by cause: under Astern and under QEMU, on the same emulated host,
# with the same kernel, devices and work.  Prints a table a load; the counts are the host kernel's own, of its events kvm_exit and
# kvm_userspace_exit.
#   exits.sh FOLDER [LOAD...]      FOLDER keeps what was fetched and made; LOAD: boot serial disk net
#
# In the environment: ASTERN_ARGS, QEMU_ARGS, more options for one of them; TIMES, how often each is run (1): the least count stands.

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${top_builddir:-.}" && pwd)
astern=${ASTERN:-$build/astern}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

fail () { echo "Bail out! $*"; exit 99; }

write_init ()  # FILE
{
  cat >"$1" <<'END2'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read -r m; do insmod /modules/$m; done </modules/order
case $load in
  serial) dd if=/dev/zero bs=1024 count=16 2>/dev/null | tr '\0' 'x' >/dev/ttyS0; echo ;;
  disk) dd if=/dev/vda of=/dev/null bs=64k iflag=direct 2>/dev/null; dd if=/dev/zero of=/dev/vda bs=64k count=256 oflag=direct 2>/dev/null ;;
  net)
    ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
    wget -q -O /dev/null http://10.0.2.2:8080/file && echo "FETCHED" ;;
esac
echo "CLOCK $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
echo "DONE $load"
poweroff -f
END2
  chmod +x "$1"
}

make_guest ()
{
  root=$scratch/root
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/modules"
  cp "$(command -v busybox)" "$root/bin/busybox" || fail 'there is no busybox'
  base=$folder/kernel release=$(ls "$folder/kernel/lib/modules")
  for m in virtio_pci virtio_blk virtio_net; do modprobe -d "$base" -S "$release" --show-depends $m || fail "there is no module $m"; done |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" "$root/modules/" && basename "$file" >>"$root/modules/order"
  done
  write_init "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$folder/exits/initrd" || fail 'cannot make the initramfs'
}

# In the emulated host: a run of one program with one load, and what the kernel counted of it.
count_exits ()  # PROGRAM LOAD TIME
{
  events=/sys/kernel/tracing/events/kvm
  truncate -s 32M /tmp/disk.img
  for e in kvm_exit:exit_reason kvm_userspace_exit:reason; do
    echo "hist:keys=${e#*:}" >$events/${e%:*}/trigger
  done
  options="-m 192 -smp 1 -vga none -display none -serial file:/tmp/serial -monitor none -no-reboot -kernel $folder/vmlinuz
    -initrd $folder/exits/initrd -drive file=/tmp/disk.img,if=virtio,format=raw -nic user,model=virtio-net-pci"
  append="console=ttyS0 quiet panic=-1 load=$2"
  case $1 in
    astern) timeout 120 "$astern" run -accel kvm,kernel_irqchip=on -cpu max $options ${ASTERN_ARGS-} -append "$append" </dev/null >/tmp/said 2>&1 ;;
    qemu) timeout 120 qemu-system-x86_64 -accel kvm -cpu max $options ${QEMU_ARGS-} -append "$append" </dev/null >/tmp/said 2>&1 ;;
  esac
  grep -q "^DONE $2" /tmp/serial || { echo "FAILED $1 $2"; cat /tmp/said; tail -n 5 /tmp/serial; }
  echo "CLOCK $1 $2 $(sed -n 's/^CLOCK //p' /tmp/serial)"
  for e in kvm_exit:exit_reason kvm_userspace_exit:reason; do
    sed -n 's/^{ [a-z_]*: *\([^}]*\) } hitcount: *\([0-9]*\).*/\1 \2/p' $events/${e%:*}/hist |
      while read -r cause n; do echo "COUNT $1 $2 $3 ${e%:*} $cause $n"; done
    echo "!hist:keys=${e#*:}" >$events/${e%:*}/trigger
  done
}

if [ "$1" = inside ]; then
  folder=$2
  shift 2
  mkdir -p /tmp/web && head -c 8388608 /dev/zero >/tmp/web/file && busybox httpd -p 8080 -h /tmp/web
  for load; do
    for time in $(seq "${TIMES:-1}"); do
      count_exits astern "$load" "$time"
      count_exits qemu "$load" "$time"
    done
  done
  exit
fi

[ -n "$1" ] || fail 'which folder?'
mkdir -p "$1/exits" && folder=$(cd "$1" && pwd) || exit 99
shift
[ $# -gt 0 ] || set -- boot serial disk net
nested=${NESTED_HOST:-$here/nested-host.sh}
sh "$nested" -cache "$folder" -fetch || fail 'there is no kernel'
make_guest
export astern build ASTERN_ARGS QEMU_ARGS TIMES
sh "$nested" -cache "$folder" -console "$folder/exits/console" -limit 3000 sh "$here/exits.sh" inside "$folder" "$@" >"$folder/exits/out"
cat "$folder/exits/out" | grep -v '^COUNT'
