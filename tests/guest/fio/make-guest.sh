#!/bin/sh
# A guest that runs fio: Debian's kernel, and an initramfs of busybox, fio and the modules of every disk controller.
#   make-guest.sh FOLDER      leaves FOLDER/vmlinuz and FOLDER/fio.cpio
#
# Nothing is installed; needs apt-get, cpio, gcc, a static busybox, and fio of Debian.  What fio is linked to and a disk in a
# guest does not need (Ceph's and Gluster's clients, 60 MB of libraries) is replaced by names without anything behind them.

set -u
folder=$1
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 99
fail () { echo "make-guest: $*" >&2; exit 99; }

# In the order in which they need one another.
modules='crct10dif_common crc64 crct10dif_generic crc-t10dif crc64-rocksoft crc64_rocksoft_generic t10-pi
  nvme-core nvme scsi_common scsi_mod scsi_transport_spi sym53c8xx sd_mod cdrom sr_mod
  libata ata_piix libahci ahci floppy
  virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk virtio_scsi
  usb-common usbcore xhci-hcd xhci-pci ehci-hcd ehci-pci uhci-hcd ohci-hcd ohci-pci usb-storage'

fetch_kernel ()
{
  [ -f "$folder/vmlinuz" ] && return
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  (cd "$folder" && apt-get -q download "$package" >download.log 2>&1 && dpkg-deb -x "$package"_*.deb kernel &&
    rm -f "$package"_*.deb && cp kernel/boot/vmlinuz-* vmlinuz) || fail "cannot fetch Debian's kernel; see $folder/download.log"
}

# The library NAME with nothing but the names that fio takes from it, in the versions that it asks for.
empty_library ()  # NAME PATTERN
{
  nm -D --undefined-only "$fio" | sed -n "s/.* U \\($2[^@]*\\)@*\\(.*\\)/\\1 \\2/p" | sort -k 2 >"$folder/names"
  sed 's/ .*//; s/.*/void & (void); void & (void) { __builtin_trap (); }/' "$folder/names" >"$folder/empty.c"
  echo 'NONE { };' >"$folder/empty.map"
  awk '$2 != "" { names[$2] = names[$2] " " $1 ";" } END { for (v in names) print v " {" names[v] " };" }' "$folder/names" >>"$folder/empty.map"
  gcc -shared -fPIC -O1 -Wl,-soname,"$1" -Wl,--version-script="$folder/empty.map" -o "$root/lib/x86_64-linux-gnu/$1" "$folder/empty.c" ||
    fail "cannot make an empty $1"
  rm -f "$folder/empty.c" "$folder/empty.map" "$folder/names"
}

add_fio ()
{
  fio=$(command -v fio) || fail "fio is needed, as Debian has it"
  mkdir -p "$root/lib/x86_64-linux-gnu" "$root/lib64"
  cp "$fio" "$root/bin/fio"
  empty_library libgfapi.so.0 glfs_
  empty_library librados.so.2 rados_
  empty_library librbd.so.1 rbd_
  empty_library libnbd.so.0 nbd_
  empty_library librdmacm.so.1 rdma_
  empty_library libibverbs.so.1 ibv_
  empty_library libpmemblk.so.1 pmemblk_
  empty_library libpmem.so.1 'pmem_'
  ldd "$fio" | awk '$3 ~ /\/lib(aio|numa|z|m|c)\.so/ { print $3 }' | while read -r library; do
    cp -L "$library" "$root/lib/x86_64-linux-gnu/"
  done
  cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
}

# The kernel hands over the words of its command line that it does not know: disk=NAME, jobs=JOB+JOB+…, sum=yes.  A job is its name
# and options of fio, with “,” between them.
write_init ()
{
  cat <<'END'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
END
  echo "for m in" $modules '; do'
  cat <<'END'
  [ $m = floppy ] && [ $disk != fd0 ] || insmod /modules/$m.ko
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do [ -b /dev/$disk ] && break; sleep 1; done
echo "BOOTED $(blockdev --getsize64 /dev/$disk)"
cd /tmp
IFS=+
for job in $jobs; do
  IFS=,
  set -- $job
  unset IFS
  name=$1
  shift
  echo "BEGIN $name"
  fio --name=$name --filename=/dev/$disk --direct=1 --randseed=7 "$@" --output-format=terse --terse-version=3 --output=/tmp/result
  echo "END $name $?"
  grep -v '^3;' /tmp/result | head -n 3
  sed -n 's/^3;//p' /tmp/result | cut -d ';' -f 4,7,48 | sed 's/^/RESULT /'
done
[ -z "$sum" ] || echo "SUM $(dd if=/dev/$disk bs=1M iflag=direct 2>/dev/null | md5sum | cut -c 1-32)"
echo DONE
poweroff -f
END
}

make_initramfs ()
{
  root=$folder/root
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/modules" "$root/etc"
  cp "$(command -v busybox)" "$root/bin/busybox" || fail "a static busybox is needed (busybox-static)"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$root/bin/$a"; done
  for m in $modules; do
    find "$folder/kernel/lib/modules" -name "$m.ko" -exec cp {} "$root/modules/" \;
  done
  add_fio
  write_init >"$root/init"
  chmod +x "$root/init"
  (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$folder/fio.cpio"
}

[ "$folder/fio.cpio" -nt "$0" ] && [ -f "$folder/vmlinuz" ] && exit 0
fetch_kernel
make_initramfs
