# Storage controllers, their drives, and the SCSI layer.
libhw_a_SOURCES += \
  src/hw/storage/ahci-commands.c \
  src/hw/storage/ahci-private.h \
  src/hw/storage/ahci.c src/hw/storage/ahci.h \
  src/hw/storage/ata-commands.c \
  src/hw/storage/ata-identify.c \
  src/hw/storage/ata-private.h \
  src/hw/storage/ata.c src/hw/storage/ata.h \
  src/hw/storage/atapi.c \
  src/hw/storage/fdc82078.c src/hw/storage/fdc82078.h \
  src/hw/storage/floppy.c src/hw/storage/floppy.h \
  src/hw/storage/ide-piix.c src/hw/storage/ide-piix.h \
  src/hw/storage/lsi53c895a-private.h \
  src/hw/storage/lsi53c895a-scripts.c \
  src/hw/storage/lsi53c895a-target.c \
  src/hw/storage/lsi53c895a.c src/hw/storage/lsi53c895a.h \
  src/hw/storage/nvme-admin.c \
  src/hw/storage/nvme-data.c \
  src/hw/storage/nvme-identify.c \
  src/hw/storage/nvme-io.c \
  src/hw/storage/nvme-private.h \
  src/hw/storage/nvme-queue.c \
  src/hw/storage/nvme.c src/hw/storage/nvme.h \
  src/hw/storage/scsi-block.c \
  src/hw/storage/scsi-bus.c \
  src/hw/storage/scsi-common.c \
  src/hw/storage/scsi-device.c \
  src/hw/storage/scsi-mmc.c \
  src/hw/storage/scsi-mode.c \
  src/hw/storage/scsi-private.h \
  src/hw/storage/scsi-request.c \
  src/hw/storage/scsi-unit.c \
  src/hw/storage/scsi.h
