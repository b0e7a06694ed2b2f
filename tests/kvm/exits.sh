#!/bin/sh
# How often a guest leaves for the kernel (KVM) and for user space, by cause: under Astern and under QEMU, on the same emulated host,
# with the same kernel, devices and work.  Prints a table a load; the counts are the host kernel's own, of its events kvm_exit and
# kvm_userspace_exit.
#   exits.sh FOLDER [LOAD...]      FOLDER keeps what was fetched and made; LOAD: boot serial disk net
#
# Fails where there are more under Astern.  In the environment: ASTERN_ARGS, QEMU_ARGS, more options for one of them.

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
  mkdir -p /tmp/web && head -c 8388608 /dev/zero >/tmp/web/file && busybox httpd -p 8080 -h /tmp/web
  count_exits "$3" "$4" 1
  exit
fi

# An emulated host that runs KVM falls asleep now and then, whoever uses it: then it is tried again.
count_in_host ()  # PROGRAM LOAD
{
  for try in 1 2 3 4; do
    sh "$nested" -cache "$folder" -console "$folder/exits/console" -limit 150 sh "$here/exits.sh" inside "$folder" "$1" "$2" >"$scratch/out" 2>/dev/null
    grep -q '^COUNT.*kvm_userspace_exit' "$scratch/out" && ! grep -q '^FAILED' "$scratch/out" && break
    echo "# $1, $2: try $try came to nothing" >&2
  done
  cat "$scratch/out" >>"$folder/exits/out"
}

# AMD's exit codes, Linux's numbers for user space; what is rare goes together.
show ()
{
  awk '
    BEGIN {
      name["kvm_exit", 96] = "host interrupt"; name["kvm_exit", 100] = "interrupt window"; name["kvm_exit", 114] = "CPUID"
      name["kvm_exit", 120] = "HLT"; name["kvm_exit", 123] = "port"; name["kvm_exit", 124] = "MSR"; name["kvm_exit", 1024] = "memory"
      name["kvm_userspace_exit", 2] = "port"; name["kvm_userspace_exit", 6] = "memory"; name["kvm_userspace_exit", 5] = "HLT"
      name["kvm_userspace_exit", 7] = "interrupt window"; name["kvm_exit", 101] = "control register"
    }
    function cause(event, n) {
      if (event == "kvm_exit" && n < 32) return "control register"
      return (event, n) in name ? name[event, n] : "other"
    }
    $1 == "COUNT" {
      c = cause($5, $6); seen[$3, $5, c] = 1; n[$2, $3, $5, c] += $7; sum[$2, $3, $5] += $7
      if (!($3 in known)) { known[$3] = 1; loads[++n_loads] = $3 }
    }
    END {
      split("kvm_exit kvm_userspace_exit", events); split("port,memory,MSR,CPUID,HLT,interrupt window,host interrupt,control register,other", causes, ",")
      for (l = 1; l <= n_loads; l++) for (e = 1; e <= 2; e++) {
        load = loads[l]; event = events[e]
        printf "%-8s %-20s %10s %10s\n", load, event == "kvm_exit" ? "to the kernel" : "to user space", "astern", "QEMU"
        for (c = 1; c <= 9; c++) if ((load, event, causes[c]) in seen)
          printf "         %-20s %10d %10d\n", causes[c], n["astern", load, event, causes[c]], n["qemu", load, event, causes[c]]
        printf "         %-20s %10d %10d\n", "all", sum["astern", load, event], sum["qemu", load, event]
        if (sum["astern", load, event] > sum["qemu", load, event] || sum["astern", load, event] == 0) worse = 1
      }
      exit worse
    }' "$folder/exits/out"
}

[ -n "$1" ] || fail 'which folder?'
mkdir -p "$1/exits" && folder=$(cd "$1" && pwd) || exit 99
shift
[ $# -gt 0 ] || set -- boot serial disk net
nested=${NESTED_HOST:-$here/nested-host.sh}
sh "$nested" -cache "$folder" -fetch || fail 'there is no kernel'
make_guest
export astern build ASTERN_ARGS QEMU_ARGS
: >"$folder/exits/out"
for load; do
  count_in_host astern "$load"
  count_in_host qemu "$load"
done
show
