# Storage controllers and the SCSI layer.
libhw_a_SOURCES += \
  src/hw/storage/scsi.h
