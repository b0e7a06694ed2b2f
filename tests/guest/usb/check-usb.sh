#!/bin/sh
# USB with real guests: SeaBIOS boots from a stick and is typed to, Debian's kernel drives every controller; each
# run of the kernel is replayed to the same hash.  Speaks TAP.
#   check-usb.sh FOLDER [PATTERN]      only tests whose names match
# FOLDER keeps what is fetched from Debian's packages: nothing is installed.  Needs apt-get, cpio, gcc and ld,
# and busybox (busybox-static).

set -u
folder=$1 only=${2-}
astern=${ASTERN:-${top_builddir:-.}/astern}
mkdir -p "$folder/deb" || exit 99
folder=$(cd "$folder" && pwd)
n=0 failed=0

check ()  # NAME COMMAND...
{
  name=$1
  shift
  printf '%s\n' "$name" | grep -qE -e "$only" || return 0
  n=$((n + 1))
  if "$@"; then echo "ok $n - $name"; else
    failed=$((failed + 1))
    echo "not ok $n - $name"
    tail -n 8 "$folder/out" "$folder/err" 2>/dev/null | tr -d '\r' | sed 's/^/# /'
  fi
}

# --- the guests ---------------------------------------------------------------------

modules='usb-common usbcore xhci-hcd xhci-pci ehci-hcd ehci-pci uhci-hcd ohci-hcd ohci-pci scsi_common crct10dif_common
  crc-t10dif crct10dif_generic crc64 crc64-rocksoft crc64_rocksoft_generic t10-pi scsi_mod sd_mod usb-storage hid hid-generic
  usbhid evdev mii usbnet cdc_ether rndis_host usbserial ftdi_sio'

make_kernel ()
{
  [ -f "$folder/usb.cpio.gz" ] && return
  kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder/deb" && apt-get -q download "$kernel" >/dev/null 2>&1 && dpkg-deb -x "$kernel"_*.deb kernel) || return 1
  cp "$folder"/deb/kernel/boot/vmlinuz-* "$folder/vmlinuz"
  root=$folder/root
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/mod"
  cp "$(command -v busybox)" "$root/bin/busybox" || return 1
  for module in $modules; do
    find "$folder/deb/kernel/lib/modules" -name "$module.ko" -exec cp {} "$root/mod/" \;
  done
  { cat <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
END
    echo "for m in" $modules '; do [ -f /mod/$m.ko ] && insmod /mod/$m.ko; done'
    cat <<'END'
for i in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/sda ] && break; sleep 1; done
for d in /sys/bus/usb/devices/*; do [ -f $d/product ] && echo "DEVICE $(cat $d/speed) $(cat $d/product)"; done
echo "READ $(dd if=/dev/sda bs=64k 2>/dev/null | md5sum)"
dd if=/dev/urandom of=/tmp/r bs=64k count=64 2>/dev/null
dd if=/tmp/r of=/dev/sda bs=64k seek=16 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
[ "$(md5sum </tmp/r)" = "$(dd if=/dev/sda bs=64k skip=16 count=64 2>/dev/null | md5sum)" ] && echo WRITTEN
poweroff -f
END
  } >"$root/init"
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n9) >"$folder/usb.cpio.gz"
}

# A boot sector that reads sector 100 through the BIOS and says it, then every key that is typed, on COM1.
make_stick ()
{
  [ -f "$folder/stick.img" ] && return
  cat >"$folder/boot.S" <<'END'
.code16
.globl _start
_start: cli; xorw %ax, %ax; movw %ax, %ds; movw %ax, %es; movw %ax, %ss; movw $0x7c00, %sp; sti
        ljmp $0, $1f
1:      movb $0x42, %ah; movw $packet, %si; int $0x13
        jc 3f
        movw $0x8000, %si
2:      lodsb; call say; orb %al, %al; jnz 2b
4:      xorw %ax, %ax; int $0x16; call say; jmp 4b
3:      hlt; jmp 3b
say:    movw $0x3f8, %dx; outb %al, %dx; ret
packet: .byte 16, 0; .word 120, 0x8000, 0; .quad 100
.org 510
.word 0xaa55
END
  gcc -c -m32 "$folder/boot.S" -o "$folder/boot.o" &&
    ld -m elf_i386 -Ttext 0x7c00 --oformat binary -e _start "$folder/boot.o" -o "$folder/boot.bin" &&
    dd if=/dev/urandom of="$folder/stick.img" bs=1M count=16 2>/dev/null &&
    dd if="$folder/boot.bin" of="$folder/stick.img" conv=notrunc 2>/dev/null &&
    printf 'SECTOR 100\r\n\0' | dd of="$folder/stick.img" bs=512 seek=100 conv=notrunc 2>/dev/null
}

stick="-drive if=none,id=stick,file=$folder/stick.img,format=raw,snapshot=on -device usb-storage,drive=stick"

# --- the tests ----------------------------------------------------------------------

says () { tr -d '\r\0' <"$folder/out" | grep -qa -e "$1" || { echo "# never said: $1"; return 1; }; }

boots_and_hears ()  # OPTION...
{
  rm -f "$folder/out"
  { sleep 10; for key in h e l l o shift-u; do echo "sendkey $key"; sleep 1; done; sleep 2; echo quit; } |
    timeout 120 "$astern" run -m 64 -display none -serial "file:$folder/out" -monitor stdio "$@" $stick >"$folder/err" 2>&1
  says 'SECTOR 100' && says 'helloU'
}

# libusb's functions with a drive behind them, which has the stick's content; the replay is without.
make_fake ()
{
  here=$(dirname "$0")/../../host/usb
  gcc -O1 -shared -fPIC -I"$here" $(pkg-config --cflags glib-2.0 libusb-1.0) "$here/fake-libusb.c" -o "$folder/fake-libusb.so" \
    $(pkg-config --libs glib-2.0) 2>"$folder/err"
}

drives_hosts ()  # OPTION...
{
  make_fake || { echo '# the fake libusb could not be made'; return 1; }
  preload=$folder/fake-libusb.so product=Stick attached="-device usb-host,vendorid=0x1209,productid=0x0001"
  pace=''                         # the outside needs the guest's time to pass as the wall's does
  drives 480 "$@"
  status=$?
  preload='' product='Astern USB Drive' attached=$stick pace='-icount sleep=off'
  return $status
}

preload='' product='Astern USB Drive' attached=$stick pace='-icount sleep=off'
drives ()  # SPEED OPTION...
{
  speed=$1
  shift
  rm -f "$folder/run.astern"
  LD_PRELOAD=$preload FAKE_USB_DISK=$folder/stick.img timeout 300 "$astern" run $pace -m 256 -nographic -no-reboot -kernel "$folder/vmlinuz" -initrd "$folder/usb.cpio.gz" \
    -append 'console=ttyS0 quiet panic=-1' "$@" $attached -record "$folder/run.astern" -state-hash </dev/null >"$folder/out" 2>"$folder/err"
  says "DEVICE $speed $product" && says "READ $(md5sum <"$folder/stick.img" | cut -c 1-32)" && says WRITTEN || return 1
  ran=$(grep -ah '^state-hash' "$folder/out" "$folder/err")
  timeout 300 "$astern" replay "$folder/run.astern" -state-hash </dev/null >"$folder/out" 2>"$folder/err"
  [ -n "$ran" ] && [ "$ran" = "$(grep -ah '^state-hash' "$folder/out" "$folder/err")" ] || { echo "# the replay was another: $ran"; return 1; }
}

ich9='-device ich9-usb-ehci1,addr=1d.7 -device ich9-usb-uhci1,addr=1d.0,masterbus=usb.0,firstport=0'
make_stick && make_kernel || { echo 'Bail out! The guests could not be made; what is above says why.'; exit 1; }
check 'SeaBIOS boots from a stick and hears a keyboard on UHCI' boots_and_hears -device piix3-usb-uhci -device usb-kbd
check 'SeaBIOS boots from a stick and hears a keyboard on OHCI' boots_and_hears -device pci-ohci -device usb-kbd
check 'SeaBIOS boots from a stick and hears a keyboard on EHCI' boots_and_hears -device usb-ehci -device usb-kbd
check 'SeaBIOS boots from a stick and hears a keyboard on xHCI' boots_and_hears -device qemu-xhci -device usb-kbd
check 'Linux drives UHCI, replayed' drives 12 -device piix3-usb-uhci -device usb-tablet
check 'Linux drives OHCI, replayed' drives 12 -device pci-ohci -device usb-tablet -device usb-kbd
check 'Linux drives EHCI, replayed' drives 480 -device usb-ehci -device usb-tablet -device usb-kbd
check 'Linux drives EHCI beside its companion, replayed' drives 480 $ich9 -device usb-tablet
check 'Linux drives xHCI, replayed' drives 5000 -device qemu-xhci -device usb-tablet -device usb-kbd
check "Linux drives NEC's xHCI, replayed" drives 5000 -device nec-usb-xhci -device usb-tablet
check 'Linux drives UHCI with a hub, replayed' drives 12 -device piix3-usb-uhci -device usb-hub -device usb-kbd,bus=usb-hub0.0
check "Linux drives this host's stick on xHCI, replayed without it" drives_hosts -device qemu-xhci
check "Linux drives this host's stick on EHCI, replayed without it" drives_hosts -device usb-ehci
echo "1..$n"
[ $failed -eq 0 ]
