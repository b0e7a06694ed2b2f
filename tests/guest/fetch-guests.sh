#!/bin/sh
# Fetches the guests of `make check-guests` from Debian's packages, as the sources in
# /etc/apt name them:  fetch-guests.sh FOLDER PROGRAM64 PROGRAM32 DISK_CHECK
#
# Leaves in FOLDER, as far as there are packages for it:
#   cloud amd64 686 686-pae     kernels
#   amd64.cpio.gz i386.cpio.gz  initramfs of busybox and the self-check for 64 and 32 bits
#   disks.cpio.gz               initramfs of busybox, disk-check and the amd64 kernel's modules for disks
#   memtest.bin                 memtest86+
# and for what there is no package a file NAME.absent that says so.  Nothing is
# installed, root is not needed, apt's own state stays as it is.

set -u
folder=$1 program64=$2 program32=$3 disk_check=${4-}
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/deb" || exit 1
folder=$(cd "$folder" && pwd)
: >"$folder/apt/status"

fail () { echo "fetch-guests: $*" >&2; exit 1; }

# apt-get or apt-cache with a state of its own that knows i386 too.
apt ()  # TOOL ARGUMENT...
{
  tool=$1
  shift
  "$tool" -q -o Dir::State="$folder/apt" -o Dir::State::Lists="$folder/apt/lists" \
    -o Dir::State::status="$folder/apt/status" -o Dir::Cache="$folder/apt/cache" \
    -o APT::Architecture=amd64 -o APT::Architectures=amd64,i386 \
    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# The lists once a day.  Not all sources need to answer; a package that is missing then says so.
update ()
{
  [ -z "$(find "$folder/apt/updated" -mtime -1 2>/dev/null)" ] || return 0
  apt apt-get update >"$folder/apt/update.log" 2>&1 ||
    grep '^E:' "$folder/apt/update.log" | sed 's/^/fetch-guests: /' >&2
  touch "$folder/apt/updated"
}

is_there () { apt apt-cache show "$1" 2>/dev/null | grep -q '^Package:'; }

# Unpacks a package into deb/PACKAGE, once.
fetch ()  # PACKAGE[:ARCHITECTURE]
{
  [ -d "$folder/deb/$1" ] && return
  echo "fetch-guests: fetching $1" >&2
  rm -rf "$folder/deb/new"
  mkdir "$folder/deb/new" || exit 1
  (cd "$folder/deb/new" && apt apt-get download "$1" >"$folder/deb/download.log" 2>&1) ||
    { tail -n 3 "$folder/deb/download.log" >&2; fail "apt-get could not download $1"; }
  dpkg-deb --fsys-tarfile "$folder"/deb/new/*.deb |
    tar -x -C "$folder/deb/new" --wildcards './boot*' './bin*' './usr/bin*' 2>/dev/null
  rm -f "$folder"/deb/new/*.deb
  mv "$folder/deb/new" "$folder/deb/$1"
}

absent ()  # NAME PACKAGE
{
  rm -f "$folder/$1"
  echo "the sources in /etc/apt have no package $2" >"$folder/$1.absent"
}

# The kernel that a metapackage stands for.
kernel ()  # NAME METAPACKAGE
{
  package=$(apt apt-cache depends "$2" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  if [ -z "$package" ]; then
    absent "$1" "$2"
    return
  fi
  fetch "$package"
  cp "$folder/deb/$package"/boot/vmlinuz-* "$folder/$1" && rm -f "$folder/$1.absent"
}

# What runs as the first process; the kernel hands over the word guest=... of its command line.
init ()
{
  cat <<'INIT'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
echo BOOTED
case $guest in
  shell)  exec setsid sh -c 'exec sh </dev/console >/dev/console 2>&1' ;;
  reboot) reboot -f ;;
esac
selfcheck
echo "EXIT STATUS $?"
poweroff -f
INIT
}

initramfs ()  # ARCHITECTURE PROGRAM
{
  if ! is_there "busybox-static:$1"; then
    absent "$1.cpio.gz" "busybox-static:$1"
    return
  fi
  fetch "busybox-static:$1"
  busybox=$(find "$folder/deb/busybox-static:$1" -name busybox -type f | head -n 1)
  rm -rf "$folder/root"
  mkdir -p "$folder/root/bin" "$folder/root/proc" "$folder/root/sys" "$folder/root/dev"
  cp "$busybox" "$folder/root/bin/busybox"
  for applet in mount sh echo setsid uname cat reboot poweroff; do
    ln -s busybox "$folder/root/bin/$applet"
  done
  cp "$2" "$folder/root/bin/selfcheck"
  init >"$folder/root/init"
  chmod +x "$folder/root/init"
  # The busybox that runs here is the 64-bit one.
  packer=$(find "$folder/deb/busybox-static:amd64" -name busybox -type f | head -n 1)
  (cd "$folder/root" && find . | LC_ALL=C sort | "$packer" cpio -o -H newc -R 0:0 2>/dev/null | gzip -n9) \
    >"$folder/$1.cpio.gz" && rm -f "$folder/$1.cpio.gz.absent"
  [ -s "$folder/$1.cpio.gz" ] || fail "could not pack $1.cpio.gz"
}

# In the order in which they need one another.
disk_modules='crct10dif_common crc64 crct10dif_generic crc-t10dif crc64-rocksoft t10-pi nvme-core nvme scsi_common scsi_mod
  scsi_transport_spi sym53c8xx sd_mod cdrom sr_mod
  virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk virtio_scsi'

disks_init ()
{
  cat <<INIT
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
echo BOOTED
for module in $(echo $disk_modules); do insmod /modules/\$module.ko; done
for i in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/\$disk ] || sleep 1; done
disk-check /dev/\$disk \$operations
echo "SUM \$(cat /dev/\$disk | cksum)"
poweroff -f
INIT
}

# What disks need; the kernel's modules are unpacked from its package once more.
disks ()
{
  package=$(apt apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  if [ -z "$package" ] || [ ! -x "$disk_check" ] || ! is_there busybox-static:amd64; then
    absent disks.cpio.gz linux-image-amd64
    return
  fi
  if [ ! -d "$folder/deb/modules" ]; then
    rm -rf "$folder/deb/new"
    mkdir "$folder/deb/new"
    (cd "$folder/deb/new" && apt apt-get download "$package" >"$folder/deb/download.log" 2>&1 &&
      dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards './lib/modules*' && rm -f ./*.deb) || fail "cannot unpack $package"
    mv "$folder/deb/new" "$folder/deb/modules"
  fi
  busybox=$(find "$folder/deb/busybox-static:amd64" -name busybox -type f | head -n 1)
  rm -rf "$folder/root"
  mkdir -p "$folder/root/bin" "$folder/root/proc" "$folder/root/sys" "$folder/root/dev" "$folder/root/modules"
  cp "$busybox" "$folder/root/bin/busybox"
  for applet in mount sh echo cat cksum insmod sleep poweroff; do
    ln -s busybox "$folder/root/bin/$applet"
  done
  ln -s busybox "$folder/root/bin/["
  cp "$disk_check" "$folder/root/bin/disk-check"
  for module in $disk_modules; do
    find "$folder/deb/modules" -name "$module.ko" -exec cp {} "$folder/root/modules/" \;
  done
  disks_init >"$folder/root/init"
  chmod +x "$folder/root/init"
  (cd "$folder/root" && find . | LC_ALL=C sort | "$busybox" cpio -o -H newc -R 0:0 2>/dev/null | gzip -n9) \
    >"$folder/disks.cpio.gz" && rm -f "$folder/disks.cpio.gz.absent"
}

for tool in apt-get apt-cache dpkg-deb tar gzip; do
  command -v $tool >/dev/null || fail "$tool is needed, as Debian has it"
done
update
initramfs amd64 "$program64"
initramfs i386 "$program32"
kernel cloud linux-image-cloud-amd64
kernel amd64 linux-image-amd64
disks
kernel 686 linux-image-686:i386
kernel 686-pae linux-image-686-pae:i386
if is_there memtest86+; then
  fetch memtest86+
  cp "$(find "$folder/deb/memtest86+" -name 'memtest86+x64.bin' -o -name 'mt86+x64' | head -n 1)" "$folder/memtest.bin" &&
    rm -f "$folder/memtest.bin.absent"
else
  absent memtest.bin memtest86+
fi
exit 0
