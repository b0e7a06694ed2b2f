# Disk images.
libhost_a_SOURCES += \
  src/host/images/disk-file.c \
  src/host/images/disk-file.h \
  src/host/images/disk-file-more.c \
  src/host/images/fat-layout.c \
  src/host/images/fat-layout.h \
  src/host/images/fat-names.c \
  src/host/images/fat-names.h \
  src/host/images/image-format.h \
  src/host/images/qcow2.c \
  src/host/images/qcow2.h \
  src/host/images/qcow2-check.c \
  src/host/images/qcow2-clusters.c \
  src/host/images/qcow2-pack.c \
  src/host/images/qcow2-refcounts.c \
  src/host/images/qcow2-resize.c \
  src/host/images/qcow2-snapshots.c \
  src/host/images/qcow2-tables.c \
  src/host/images/raw.c \
  src/host/images/store.c \
  src/host/images/store.h \
  src/host/images/store-fat.c \
  src/host/images/store-file.c \
  src/host/images/store-memory.c \
  src/host/images/store-nbd.c \
  src/host/images/vdi.c \
  src/host/images/vhdx.c \
  src/host/images/vmdk.c \
  src/host/images/vpc.c
