# check-virtio.sh - guests on virtio disks; part of check-guests.sh, after check-scsi.sh, which gives what runs them.

virtio_blk='-device virtio-blk-pci,drive=d'
virtio_scsi='-device virtio-scsi-pci -device scsi-hd,drive=d'

check 'SeaBIOS boots from virtio-blk' boot boots_from $virtio_blk
check 'SeaBIOS boots from virtio-blk, its legacy interface' boot boots_from $virtio_blk,disable-modern=on
check 'SeaBIOS boots from virtio-scsi' boot boots_from $virtio_scsi
check '100,000 random operations on virtio-blk' 'amd64 disks.cpio.gz' operates qcow2 vda 100000 $virtio_blk
check '100,000 random operations on virtio-blk, its legacy interface' 'amd64 disks.cpio.gz' \
  operates raw vda 100000 $virtio_blk,disable-modern=on
check '100,000 random operations on virtio-blk with packed rings' 'amd64 disks.cpio.gz' operates raw vda 100000 $virtio_blk,packed=on
check '100,000 random operations on virtio-scsi' 'amd64 disks.cpio.gz' operates raw sda 100000 $virtio_scsi
check 'a run busy with virtio-blk is replayed' 'amd64 disks.cpio.gz' replays vda $virtio_blk
check 'a run busy with virtio-blk with packed rings is replayed' 'amd64 disks.cpio.gz' replays vda $virtio_blk,packed=on
