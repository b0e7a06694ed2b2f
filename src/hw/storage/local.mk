# Storage controllers and the SCSI layer.
libhw_a_SOURCES += \
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
