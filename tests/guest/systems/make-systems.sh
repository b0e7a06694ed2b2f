#!/bin/sh
# The systems of `make check-systems`, from Debian's packages as the sources in /etc/apt name them:
#   make-systems.sh FOLDER
#
# Nothing is installed and root is not needed; what the host brings is grub-mkrescue (grub-common, grub-pc-bin,
# grub-efi-amd64-bin, xorriso), mtools, dosfstools, sfdisk, depmod, cpio, sha256sum.  Each function leaves one or
# more files in FOLDER; what cannot be made leaves NAME.absent with the reason, and its rows are skipped.

set -u
mkdir -p "$1/deb" "$1/log" || exit 1
folder=$(cd "$1" && pwd)
deb=$folder/deb

# Unpacks packages, each into deb/PACKAGE, once.
fetch ()  # PACKAGE...
{
  for package in "$@"; do
    [ ! -d "$deb/$package" ] || continue
    echo "make-systems: fetching $package" >&2
    rm -rf "$deb/new" && mkdir "$deb/new" &&
      (cd "$deb/new" && apt-get -q -o APT::Sandbox::User=root download "$package") >"$folder/log/apt" 2>&1 &&
      dpkg-deb -x "$deb"/new/*.deb "$deb/new" && rm -f "$deb"/new/*.deb && mv "$deb/new" "$deb/$package" || {
        echo "the package $package could not be fetched"
        return 1
      }
  done
}

# Makes what is not there yet; the last line that was said is why it could not be made.
make_it ()  # NAME: by the function make_NAME, in a folder of its own that is complete or absent
{
  [ ! -d "$folder/$1" ] || return 0
  rm -rf "$folder/new" && mkdir "$folder/new"
  (set -e; cd "$folder/new"; "make_$1") >"$folder/log/$1" 2>&1      # no condition: there, set -e would not count
  if [ $? -eq 0 ]; then
    mv "$folder/new" "$folder/$1"
    rm -f "$folder/$1.absent"
  else
    tail -n 1 "$folder/log/$1" >"$folder/$1.absent"
    echo "make-systems: no $1: $(cat "$folder/$1.absent")" >&2
  fi
}

# The package that a metapackage of a kernel stands for.
kernel_of () { apt-cache depends "$1" | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1; }

# --- Linux ---------------------------------------------------------------------------

init ()
{
  cat <<'END'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
echo "BOOTED $(uname -r) $(uname -v)"
[ ! -d /sys/firmware/efi ] || echo 'FIRMWARE efi'
[ ! -f /sys/hypervisor/type ] || echo "HYPERVISOR $(cat /sys/hypervisor/type)"
for word in $(cat /proc/cmdline); do
  case $word in
    look=fat)
      for module in ahci ata_piix sd_mod virtio_pci virtio_blk vfat nls_cp437 nls_ascii; do modprobe $module; done
      sleep 2
      for disk in /dev/sd[a-z]1 /dev/vd[a-z]1; do
        [ ! -b $disk ] || ! mount -t vfat -o ro,codepage=437,iocharset=ascii $disk /mnt || cat /mnt/hello.txt
        [ ! -f /mnt/deeper/a-long-name.bin ] || echo "SUM $(sha256sum </mnt/deeper/a-long-name.bin)"
      done ;;
  esac
done
poweroff -f
END
}

# Debian's generic kernel, and an initramfs that says what it finds and ends.
make_linux ()
{
  package=$(kernel_of linux-image-amd64)
  [ -n "$package" ] || { echo 'there is no package linux-image-amd64'; return 1; }
  fetch busybox-static "$package"
  busybox=$(find "$deb/busybox-static" -path '*/bin/busybox' -type f | head -n 1)
  from=$deb/$package
  release=$(basename "$from"/boot/vmlinuz-* | sed 's/vmlinuz-//')
  mkdir -p root/bin root/proc root/sys root/dev root/mnt "root/lib/modules/$release"
  cp "$busybox" root/bin/busybox
  for applet in sh mount cat uname modprobe sleep sha256sum poweroff '['; do ln -s busybox "root/bin/$applet"; done
  depmod -b "$from" "$release"
  cp "$from/lib/modules/$release"/modules.* "root/lib/modules/$release/"
  for module in ahci ata_piix sd_mod virtio_pci virtio_blk vfat nls_cp437 nls_ascii; do
    modprobe -d "$from" -S "$release" --show-depends $module | sed -n 's/^insmod //p' | while read -r file _; do
      file=lib/modules/${file#*/lib/modules/}
      mkdir -p "root/${file%/*}" && cp "$from/$file" "root/$file"
    done
  done
  init >root/init
  chmod +x root/init
  (cd root && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n9) >init.gz
  cp "$from"/boot/vmlinuz-* vmlinuz
  rm -rf root
}

make_rt ()
{
  package=$(kernel_of linux-image-rt-amd64)
  [ -n "$package" ] || { echo 'there is no package linux-image-rt-amd64'; return 1; }
  fetch "$package"
  cp "$deb/$package"/boot/vmlinuz-* vmlinuz
}

make_xen ()
{
  package=$(apt-cache depends xen-hypervisor-common xen-system-amd64 2>/dev/null | sed -n 's/.*Depends: \(xen-hypervisor-[0-9.]*-amd64\)/\1/p' | head -n 1)
  [ -n "$package" ] || { echo 'there is no package xen-system-amd64'; return 1; }
  fetch "$package"
  gzip -dc "$deb/$package"/boot/xen-*.gz >xen
  mkdir -p tree/boot/grub
  cp xen "$folder/linux/vmlinuz" "$folder/linux/init.gz" tree/boot/
  cat >tree/boot/grub/grub.cfg <<'END'
multiboot2 /boot/xen console=com1 com1=115200,8n1 dom0_mem=512M
module2 /boot/vmlinuz console=hvc0 quiet panic=-1
module2 /boot/init.gz
boot
END
  grub-mkrescue -o cd.iso tree
  rm -rf tree
  mkdir -p efi/EFI/BOOT
  cp "$deb/$package"/boot/xen-*.efi efi/EFI/BOOT/BOOTX64.EFI
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" efi/EFI/BOOT/
  cat >efi/EFI/BOOT/BOOTX64.cfg <<'END'
[global]
default=one
[one]
options=console=com1 com1=115200,8n1 dom0_mem=256M
kernel=vmlinuz console=hvc0 quiet panic=-1
ramdisk=init.gz
END
}

# --- loaders -------------------------------------------------------------------------

words='console=ttyS0 quiet panic=-1'

make_grub ()
{
  fetch grub-rescue-pc
  cp "$deb"/grub-rescue-pc/usr/lib/grub-rescue/grub-rescue-floppy.img floppy.img
  cp "$deb"/grub-rescue-pc/usr/lib/grub-rescue/grub-rescue-cdrom.iso cdrom.iso
}

# A floppy's first sectors are its stages.
make_grublegacy ()
{
  fetch grub-legacy
  cat "$deb"/grub-legacy/usr/lib/grub/x86_64-pc/stage1 "$deb"/grub-legacy/usr/lib/grub/x86_64-pc/stage2 >floppy.img
  truncate -s 1440K floppy.img
}

# One image that is a CD, a disk and a stick, for BIOS and for EFI.
make_mkrescue ()
{
  mkdir -p tree/boot/grub
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" tree/boot/
  cat >tree/boot/grub/grub.cfg <<END
serial --unit=0 --speed=115200
terminal_output serial console
echo GRUB STARTS LINUX
insmod all_video
linux /boot/vmlinuz $words
initrd /boot/init.gz
boot
END
  grub-mkrescue -o all.iso tree
  rm -rf tree
}

make_syslinux ()
{
  fetch syslinux syslinux-common isolinux syslinux-efi
  modules=$deb/syslinux-common/usr/lib/syslinux/modules
  printf 'SERIAL 0 115200\nDEFAULT one\nLABEL one\nKERNEL /vmlinuz\nINITRD /init.gz\nAPPEND %s\n' "$words" >syslinux.cfg
  truncate -s 64M disk.img
  echo 'start=2048, type=c, bootable' | sfdisk -q disk.img
  mformat -i disk.img@@1M -F -h 64 -s 32 -t 62 -H 2048 ::
  mcopy -i disk.img@@1M "$folder/linux/vmlinuz" "$folder/linux/init.gz" syslinux.cfg ::
  "$deb"/syslinux/usr/bin/syslinux --offset 1048576 --install disk.img
  dd if="$deb"/syslinux/usr/lib/SYSLINUX/mbr.bin of=disk.img conv=notrunc status=none
  mkdir -p cd/isolinux efi/EFI/BOOT
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" cd/
  cp syslinux.cfg cd/isolinux/isolinux.cfg
  cp "$deb"/isolinux/usr/lib/ISOLINUX/isolinux.bin "$modules"/bios/ldlinux.c32 cd/isolinux/
  xorriso -as mkisofs -quiet -o cd.iso -R -J -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table cd
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" efi/
  cp syslinux.cfg efi/EFI/BOOT/
  cp "$deb"/syslinux-efi/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi efi/EFI/BOOT/BOOTX64.EFI
  cp "$modules"/efi64/ldlinux.e64 efi/EFI/BOOT/
  rm -rf cd
}

make_sdboot ()
{
  fetch systemd-boot-efi
  mkdir -p efi/EFI/BOOT efi/loader/entries
  cp "$deb"/systemd-boot-efi/usr/lib/systemd/boot/efi/systemd-bootx64.efi efi/EFI/BOOT/BOOTX64.EFI
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" efi/
  printf 'title Linux\nlinux /vmlinuz\ninitrd /init.gz\noptions %s\n' "$words" >efi/loader/entries/one.conf
}

make_refind ()
{
  fetch refind
  mkdir -p efi/EFI/BOOT
  cp "$deb"/refind/usr/share/refind/refind/refind_x64.efi efi/EFI/BOOT/BOOTX64.EFI
  cp -r "$deb"/refind/usr/share/refind/refind/icons efi/EFI/BOOT/
  cp "$folder/linux/vmlinuz" "$folder/linux/init.gz" efi/
  printf 'timeout 1\ntextonly\nscanfor manual\nmenuentry Linux {\n loader /vmlinuz\n initrd /init.gz\n options "%s"\n}\n' "$words" \
    >efi/EFI/BOOT/refind.conf
}

make_uboot ()
{
  fetch u-boot-qemu
  cp "$deb"/u-boot-qemu/usr/lib/u-boot/qemu-x86/u-boot.rom 32.rom
  cp "$deb"/u-boot-qemu/usr/lib/u-boot/qemu-x86_64/u-boot.rom 64.rom
}

# --- memtest86+ ----------------------------------------------------------------------

make_memtest ()
{
  fetch memtest86+
  cp "$deb"/memtest86+/usr/lib/memtest86+/memtest86+x64.iso cd.iso
  cp "$deb"/memtest86+/boot/memtest86+x64.bin floppy.img
  truncate -s 1440K floppy.img
  mkdir -p efi/EFI/BOOT
  cp "$deb"/memtest86+/boot/memtest86+x64.efi efi/EFI/BOOT/BOOTX64.EFI
}

# --- the network ---------------------------------------------------------------------

make_ipxe ()
{
  fetch ipxe
  cp "$deb"/ipxe/usr/lib/ipxe/ipxe.iso .
  mkdir -p tftp tree/boot/grub
  cp "$deb"/ipxe/boot/ipxe.lkrn tree/boot/
  printf '#!ipxe\ndhcp\nchain tftp://10.0.2.2/script.ipxe\n' >tree/boot/first.ipxe
  printf 'linux16 /boot/ipxe.lkrn\ninitrd16 /boot/first.ipxe\nboot\n' >tree/boot/grub/grub.cfg
  grub-mkrescue -o lkrn.iso tree
  rm -rf tree
  cp "$deb"/ipxe/usr/lib/ipxe/undionly.kpxe "$deb"/ipxe/boot/ipxe.efi "$folder/linux/vmlinuz" "$folder/linux/init.gz" tftp/
  printf '#!ipxe\necho IPXE STARTS LINUX\nkernel vmlinuz %s\ninitrd init.gz\nboot\n' "$words" >tftp/script.ipxe
}

# The installer as a network serves it, with its menu; and on CD: one that asks, and one where the kernel is told all that
# the installer would ask until it has its components.
installer ()  # ARCHITECTURE
{
  fetch "debian-installer-12-netboot-$1" isolinux
  server=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb *\(\[[^]]*\]\)* *\(http[^ ]*\) .*/\2/p' \
             /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | grep debian | head -n 1)
  server=${server#*://}
  proxy=$(apt-config dump Acquire::http::Proxy | sed -n 's/^Acquire::http::Proxy "\(.*\)";/\1/p' | head -n 1)
  told="priority=critical locale=en_US.UTF-8 keymap=us hostname=astern domain=local mirror/country=manual"
  told="$told mirror/http/hostname=${server%%/*} mirror/http/directory=/${server#*/} mirror/http/proxy=$proxy"
  for front in text gtk; do
    cp -rL "$deb/debian-installer-12-netboot-$1/usr/lib/debian-installer/images/12/$1/$front" $front
    from=$front/debian-installer/$1
    cp $from/boot-screens/ldlinux.c32 $front/
    mkdir cd
    cp $from/linux $from/initrd.gz $from/boot-screens/ldlinux.c32 "$deb"/isolinux/usr/lib/ISOLINUX/isolinux.bin cd/
    mode=$([ $front = gtk ] && echo vga=788 || echo vga=normal fb=false)
    for answers in told asks; do
      printf 'DEFAULT one\nLABEL one\nKERNEL linux\nAPPEND initrd=initrd.gz %s %s --- quiet\n' "$mode" \
        "$([ $answers = asks ] || echo "$told")" >cd/isolinux.cfg
      xorriso -as mkisofs -quiet -o $front-$answers.iso -R -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
        -boot-info-table cd
    done
    rm -rf cd
  done
}

make_amd64 () { installer amd64; }
make_i386 () { installer i386; }

# --- a folder as a disk --------------------------------------------------------------

make_fat ()
{
  mkdir -p files/deeper
  echo 'HELLO from a folder' >files/hello.txt
  seq 1 400000 >files/deeper/a-long-name.bin
  sha256sum <files/deeper/a-long-name.bin >sum
  printf '@echo -off\r\necho THE SHELL RUNS A SCRIPT\r\n' >files/startup.nsh
}

[ $# -eq 1 ] || { echo 'make-systems.sh FOLDER' >&2; exit 1; }
for name in linux rt xen grub grublegacy mkrescue syslinux sdboot refind uboot memtest ipxe amd64 i386 fat; do
  make_it $name
done
exit 0
