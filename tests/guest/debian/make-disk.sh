#!/bin/sh
# Debian 12 installed on a disk, from Debian's packages:  make-disk.sh FOLDER
#
# Leaves in FOLDER disk.qcow2 and disk.raw: a GPT disk that starts by BIOS and by EFI, with GRUB and the generic
# kernel, which prints ASTERN-READY and a sum of its libraries on the first serial port and powers off;
# vmlinuz and initrd.img, which are on it; and sum, that sum as the host computes it.  Needs root, debootstrap, grub-pc-bin, grub-efi-amd64-bin, mtools,
# dosfstools, e2fsprogs, fdisk, python3, qemu-utils.

set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
cd "$folder"
[ ! -f done ] || exit 0
root=$PWD/root

mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb *\(\[[^]]*\]\)* *\(http[^ ]*\) .*/\2/p' \
           /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | grep debian | head -n 1)

if [ ! -f unpacked ]; then
  echo 'make-disk: unpacking Debian' >&2
  rm -rf root
  debootstrap --variant=minbase --include=linux-image-amd64,systemd-sysv,udev,kmod,iproute2,pciutils,fio \
    bookworm root ${mirror:+"$mirror"} >debootstrap.log 2>&1 || { tail -n 5 debootstrap.log >&2; exit 1; }
  touch unpacked
fi

echo 'LABEL=root / ext4 defaults 0 1' >root/etc/fstab
echo astern >root/etc/hostname
mkdir -p root/boot/grub root/etc/systemd/system/multi-user.target.wants
cat >root/usr/local/sbin/astern-ready <<'READY'
#!/bin/sh
exec >/dev/ttyS0 2>&1
echo "SUM $(cd /usr/lib/x86_64-linux-gnu && find . -maxdepth 1 -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)"
echo "ROOT $(findmnt -no SOURCE /)"
for word in $(cat /proc/cmdline); do
  case $word in
    astern.fio=*) fio --name=verify --filename=/root/fio --size=48M --bs=4k --rw=randwrite --ioengine=libaio --iodepth=8 \
                      --direct=1 --io_size=${word#*=} --verify=crc32c --verify_fatal=1 --randseed=1 --fallocate=none 2>&1 | tail -n 20
                  echo "FIO $?" ;;
  esac
done
dd if=/dev/zero of=/root/written bs=64k count=64 conv=fsync 2>&1 | tail -n 1
echo "ASTERN-READY $(uname -r)"
systemctl poweroff
READY
chmod +x root/usr/local/sbin/astern-ready
cat >root/etc/systemd/system/astern-ready.service <<'UNIT'
[Unit]
Description=Says that the machine has started
After=multi-user.target
[Service]
Type=simple
ExecStart=/usr/local/sbin/astern-ready
UNIT
ln -sf ../astern-ready.service root/etc/systemd/system/multi-user.target.wants/astern-ready.service
ln -sf /dev/null root/etc/systemd/system/serial-getty@ttyS0.service     # the port is the check's alone
rm -rf root/etc/systemd/system/serial-getty@ttyS0.service.d
version=$(basename root/boot/vmlinuz-* | sed 's/vmlinuz-//')
cat >root/boot/grub/grub.cfg <<GRUB
serial --unit=0 --speed=115200
terminal_output serial console
set timeout=0
echo "GRUB has read its file"
linux /boot/vmlinuz-$version root=LABEL=root console=tty0 console=ttyS0,115200 net.ifnames=0 quiet
initrd /boot/initrd.img-$version
boot
GRUB
(cd root/usr/lib/x86_64-linux-gnu && find . -maxdepth 1 -type f | LC_ALL=C sort | xargs sha256sum | sha256sum) >sum

rm -f root.img esp.img disk.raw disk.qcow2
cp "root/boot/vmlinuz-$version" vmlinuz
cp "root/boot/initrd.img-$version" initrd.img
truncate -s 1400M root.img
mkfs.ext4 -q -F -L root -E root_owner=0:0 -d root root.img
cat >early.cfg <<'EARLY'
search --no-floppy --label root --set root
set prefix=($root)/boot/grub
configfile /boot/grub/grub.cfg
EARLY
modules='part_gpt ext2 fat normal linux echo serial terminal configfile search search_label'
grub-mkimage -O i386-pc -c early.cfg -p /boot/grub -o core.img biosdisk $modules
grub-mkimage -O x86_64-efi -c early.cfg -p /boot/grub -o BOOTX64.EFI efi_gop $modules
truncate -s 40M esp.img
mkfs.vfat -F 32 esp.img >/dev/null
mmd -i esp.img ::/EFI ::/EFI/BOOT
mcopy -i esp.img BOOTX64.EFI ::/EFI/BOOT/
truncate -s 1500M disk.raw
sfdisk -q disk.raw <<'PARTS'
label: gpt
start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
start=4096, size=81920, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
start=86016, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
PARTS
python3 "$here/put-grub.py" disk.raw core.img 2048
dd if=esp.img of=disk.raw bs=1M seek=2 conv=notrunc status=none
dd if=root.img of=disk.raw bs=1M seek=42 conv=notrunc,sparse status=none
qemu-img convert -O qcow2 disk.raw disk.qcow2
rm -f root.img esp.img
touch done
