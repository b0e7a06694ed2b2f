#!/bin/sh
# Engine `kvm` for real: QEMU emulates a host with AMD's SVM, in which Debian's kernel has /dev/kvm, and Astern runs in it as the only
# program.  Speaks TAP; the last line counts.
#   check-kvm.sh FOLDER      FOLDER keeps what was fetched and made
#
# Needs apt-get, cpio, a static busybox, seabios and qemu-system-x86_64.

folder=$1
astern=${ASTERN:-${top_builddir:-.}/astern}
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
n=0 passed=0 failed=0

fail () { echo "Bail out! $*"; exit 99; }

fetch_kernel ()
{
  [ -f "$folder/vmlinuz" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$package" >download.log 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
    rm -f "$package"_*.deb && cp kernel/boot/vmlinuz-* vmlinuz) || fail "cannot fetch Debian's kernel; see $folder/download.log"
}

pack ()  # FOLDER FILE
{
  (cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) >"$2" || fail "cannot make $2"
}

# What runs in Astern.
make_guest ()
{
  root=$scratch/guest
  mkdir -p "$root/bin" "$root/proc" "$root/dev"
  cp "$(command -v busybox)" "$root/bin/busybox"
  cat >"$root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
echo "GUEST CPUS $($b grep -c ^processor /proc/cpuinfo)"
read before _ </proc/uptime
$b sleep 1
read after _ </proc/uptime
echo "GUEST SLEPT $before $after"
i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; echo "GUEST COUNTED $i"
echo "GUEST SUM $($b sha256sum /bin/busybox | $b cut -c 1-64)"
$b poweroff -f
END
  chmod +x "$root/init"
  pack "$root" "$scratch/guest.gz"
}

# The emulated host: its init runs Astern, and says what came of it.
make_host ()
{
  root=$scratch/host
  mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/modules" "$root/usr/share/seabios"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  for m in irqbypass ccp kvm kvm-amd; do find "$folder/kernel/lib/modules" -name "$m.ko" -exec cp {} "$root/modules/" \;; done
  cp "$astern" "$root/bin/astern" && strip "$root/bin/astern" || fail "cannot copy $astern"
  ldd "$astern" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\/lib/ { print $1 }' | while read -r library; do
    mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
  done
  cp /usr/share/seabios/bios-256k.bin "$root/usr/share/seabios/"
  cp "$folder/vmlinuz" "$scratch/guest.gz" "$root/"
  { i=0; while [ $i -lt 50 ]; do echo step; echo info registers; i=$((i + 1)); done; echo quit; } >"$root/steps"
  printf 'break 0x1000\nover\nquit\n' >"$root/refused"
  cat >"$root/init" <<'END'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for m in irqbypass ccp kvm kvm-amd; do insmod /modules/$m.ko; done
linux='-m 128 -nic none -vga none -kernel /vmlinuz -initrd /guest.gz'
say () { while IFS= read -r line; do echo "$1: $line"; done; }
for cpus in 1 2; do
  timeout 300 astern run -accel kvm -smp $cpus $linux -nographic -no-reboot -append 'console=ttyS0 quiet panic=-1' </dev/null >/tmp/out 2>&1 &
  sleep 4
  for t in /proc/$(pidof astern)/task/*; do echo "$cpus: THREAD $(cat $t/comm)"; done
  wait $!
  echo "$cpus: STATUS $?"
  say $cpus </tmp/out
done
for engine in kvm translate; do
  timeout 100 astern run -accel $engine -cpu x86-64 $linux -S -display none -serial null -monitor stdio -append 'console=ttyS0' </steps 2>/dev/null |
    grep -E '^([ER][A-D]X|[ER][SD]I|[ER]IP|R8|R1[0-9]|CR)' | sed 's/II=[0-9]*//' >/tmp/steps.$engine
done
# A state a line, without segments: what is hidden in those that are null is a matter of the CPU.  What comes after a load of SS
# may be done with it: the translator's state between them is passed over.
for engine in kvm translate; do
  awk '/^[ER]AX/ && NR > 1 { print line; line = "" } { line = line " " $0 } END { print line }' /tmp/steps.$engine >/tmp/states.$engine
done
head -n 40 /tmp/states.kvm | awk 'NR == FNR { state[++n] = $0; next }
  { at++; if (state[at] != $0) { at++; passed++ } if (state[at] != $0) { print "STEP " FNR " " $0; print "TRANSLATE " state[at]; exit } same++ }
  END { print "STEPS " same ", passed over " passed + 0 }' /tmp/states.translate -
timeout 100 astern run -accel kvm $linux -S -display none -serial null -monitor stdio </refused 2>&1 | say REFUSED
rm /dev/kvm
astern run -accel kvm $linux -nographic </dev/null 2>&1 | say MISSING
timeout 300 astern run -accel kvm:translate $linux -nographic -no-reboot -append 'console=ttyS0 quiet panic=-1' </dev/null 2>&1 | say INSTEAD
poweroff -f
END
  chmod +x "$root/init"
  pack "$root" "$scratch/host.gz"
}

check ()  # NAME PATTERN...
{
  n=$((n + 1)) name=$1 missing=
  shift
  for pattern; do grep -qE "$pattern" "$scratch/out" || missing="$missing
#   never said: $pattern"; done
  if [ -z "$missing" ]; then
    passed=$((passed + 1))
    echo "ok $n - $name"
  else
    failed=$((failed + 1))
    echo "not ok $n - $name$missing"
  fi
}

fetch_kernel
make_guest
make_host
timeout 1200 qemu-system-x86_64 -accel tcg -cpu EPYC,+svm,+npt -m 1536 -nographic -no-reboot -nic none -vga none -kernel "$folder/vmlinuz" \
  -initrd "$scratch/host.gz" -append 'console=ttyS0 quiet panic=-1' </dev/null 2>"$scratch/err" | tr -d '\r' >"$scratch/out"
cp "$scratch/out" "$folder/last"
sum=$(sha256sum <"$(command -v busybox)" | cut -c 1-64)
for cpus in 1 2; do
  check "Debian's kernel runs on $cpus CPUs, its clock goes, its sums are right, and it powers off" "^$cpus: GUEST CPUS $cpus\$" \
    "^$cpus: GUEST SLEPT" "^$cpus: GUEST COUNTED 2000" "^$cpus: GUEST SUM $sum" "^$cpus: .*reboot: Power down" "^$cpus: STATUS 0"
done
check 'each CPU is a thread with a name' '^2: THREAD CPU 0/KVM' '^2: THREAD CPU 1/KVM'
check "forty steps from the kernel's entry lead where the translator's do" '^STEPS 40, passed over [0-2]$'
check 'what it cannot do is refused with a sentence' '^REFUSED: .*has no breakpoints yet' '^REFUSED: .*can run, stop and step'
check 'without /dev/kvm it says what is missing' '^MISSING: .*There is no /dev/kvm'
check 'kvm:translate does without' '^INSTEAD: .*There is no /dev/kvm' '^INSTEAD: GUEST CPUS 1$'
[ $failed -eq 0 ] || { tail -n 30 "$scratch/err" "$scratch/out" | sed 's/^/# /'; }
echo "1..$n"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
