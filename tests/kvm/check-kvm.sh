#!/bin/sh
# Engine `kvm` for real.  Where /dev/kvm gets a kernel to its first process, here; elsewhere in an emulated host (nested-host.sh).
# Speaks TAP; the last line counts.
#   check-kvm.sh FOLDER [PATTERN]      FOLDER keeps what was fetched and made; only checks whose names match
#
# In the environment: SHIFTS, how often a machine is shifted to and fro; BENCH, a static program whose lines “END …” have to be the
# host's; NESTED=1, the emulated host even where /dev/kvm would do; TESTS, the programs of tests/kvm that are part of `make check`.
#
# Needs apt-get, cpio, depmod, python3, gdb, a static busybox, seabios and qemu-system-x86_64.

folder=$1 only=${2-}
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${top_builddir:-.}" && pwd)
astern=${ASTERN:-$build/astern}
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

fail () { echo "Bail out! $*"; exit 99; }

# What runs in Astern: the word guest= of its command line says what it does.
write_init ()  # FILE
{
  cat >"$1" <<'END'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
echo "BOOTED $(grep -c ^processor /proc/cpuinfo)"
case $guest in
  sums)
    read before _ </proc/uptime; sleep 1; read after _ </proc/uptime
    echo "SLEPT $before $after"
    echo "SUM $(sha256sum /bin/busybox | cut -c 1-64)"
    selfcheck-64; echo "SELFCHECK $?"
    selfcheck-32 | sed 's/^/32: /'
    [ ! -x /bin/bench ] || bench ;;
  witness)
    while read -r m; do insmod /modules/$m; done </modules/order
    stty -echo
    echo "CLOCK $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
    witness; echo "STATUS $?"
    echo "CLOCK $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
    dmesg | grep -E 'clocksource: .*(unstable|_nsec)|lockup|stall|blocked for more|BUG:|WARNING:' | sed 's/^/COMPLAINT /' ;;
  shell)
    setsid sh -c 'exec sh </dev/console >/dev/console 2>&1' ;;
esac
poweroff -f
END
  chmod +x "$1"
}

make_guest ()
{
  root=$scratch/root
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/modules" "$folder/guest"
  cp "$(command -v busybox)" "$root/bin/busybox" && cp "$build/tests/kvm/witness" "$build/tests/guest/selfcheck-64" "$build/tests/guest/selfcheck-32" "$root/bin/" ||
    fail 'a program for the guest is missing'
  [ -z "${BENCH-}" ] || cp "$BENCH" "$root/bin/bench" || fail "cannot copy $BENCH"
  base=$folder/kernel release=$(ls "$folder/kernel/lib/modules")
  for m in virtio_pci virtio_blk; do modprobe -d "$base" -S "$release" --show-depends $m; done |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" "$root/modules/" && basename "$file" >>"$root/modules/order"
  done
  write_init "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$folder/guest/initrd" || fail 'cannot make the initramfs'
  cp "$folder/vmlinuz" "$folder/guest/vmlinuz"
  "$build/tests/kvm/witness" -disk "$folder/guest/disk.img" || fail 'cannot make a disk'
  { echo "WITNESS $("$build/tests/kvm/witness" -sum)"
    echo "SUM $(sha256sum <"$(command -v busybox)" | cut -c 1-64)"
    "$build/tests/guest/selfcheck-64" | grep ^CHECK; "$build/tests/guest/selfcheck-32" | grep ^CHECK | sed 's/^/32: /'
    [ -z "${BENCH-}" ] || "$BENCH" | grep '^END'; } >"$folder/guest/host-sums"
}

# Some KVMs that are virtual themselves do not get a kernel through; then nothing of Astern's is to blame.
kvm_works ()
{
  [ -z "${NESTED-}" ] && [ -w /dev/kvm ] && timeout 20 "$astern" run -accel kvm -m 192 -nic none -vga none -kernel "$folder/guest/vmlinuz" \
    -initrd "$folder/guest/initrd" -nographic -no-reboot -append 'console=ttyS0 quiet panic=-1' </dev/null 2>/dev/null | grep -q '^BOOTED'
}

sh "$here/nested-host.sh" -cache "$folder" -fetch || fail 'there is no kernel'
make_guest
set -- python3 "$here/scenes.py" "$astern" "$folder/guest" "$only"
export PYTHONDONTWRITEBYTECODE=1 SHIFTS="${SHIFTS:-100}" TESTS="${TESTS-}"

# An emulated host's kernel breaks down now and then, whatever runs in it: what comes next is played in another one.  What
# breaks down twice in the same scene says nothing of Astern.
play_in_emulated_hosts ()
{
  last=-1 broken=0
  while ! grep -q '^1[.][.]' "$scratch/tap"; do
    played=$(grep -cE '^(not )?ok' "$scratch/tap")
    if [ "$played" -eq "$last" ] && ! grep -q 'Kernel panic' "$folder/guest/console"; then
      echo "not ok $((played + 1)) - number $((played + 1)): the emulated host ended in it twice, and not by a panic of its kernel" | tee -a "$scratch/tap"
      break
    elif [ "$played" -eq "$last" ]; then
      echo "ok $((played + 1)) - number $((played + 1)) # SKIP the emulated host's own kernel panicked in it twice" | tee -a "$scratch/tap"
      played=$((played + 1)) broken=$((broken + 1))
      [ $broken -lt 3 ] || break
    fi
    last=$played
    EMULATED=1 CPU=x86-64-v2 PLAYED=$played sh "$here/nested-host.sh" -cache "$folder" -share "$folder/guest" -console "$folder/guest/console" \
      -smp "$(($(nproc) > 1 ? 2 : 1))" -limit 1500 "$@" | tee -a "$scratch/tap"
  done
}

: >"$scratch/tap"
if kvm_works; then
  echo "# by this host's /dev/kvm"
  "$@" | tee "$scratch/tap"
else
  echo "# this host's /dev/kvm does not get a kernel to its first process, or there is none: in an emulated host"
  # QEMU's TCG does not tell a hypervisor of XSETBV: no guest there has a CPU with XSAVE, by whatever program.
  play_in_emulated_hosts "$@"
fi
skipped=$(grep -c '^ok.*# SKIP' "$scratch/tap") failed=$(grep -c '^not ok' "$scratch/tap")
echo "$(($(grep -c '^ok' "$scratch/tap") - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && grep -q '^1[.][.]' "$scratch/tap"
