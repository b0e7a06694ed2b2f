# Disk images' fuzz target; its name is in local.mk's list.
tests_fuzz_fuzz_disk_image_SOURCES = tests/fuzz/fuzz-disk-image.c $(fuzz_main)
tests_fuzz_fuzz_disk_image_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_disk_image_LDADD = libhost.a libcore.a $(CORE_LIBS) $(LIBNBD_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS)
EXTRA_DIST += \
  tests/corpus/disk-image/qcow2-512 \
  tests/corpus/disk-image/qcow2-bits \
  tests/corpus/disk-image/qcow2-large \
  tests/corpus/disk-image/qcow2-packed \
  tests/corpus/disk-image/qcow2-snapshot \
  tests/corpus/disk-image/qcow2-v2 \
  tests/corpus/disk-image/qcow2-zeros \
  tests/corpus/disk-image/qcow2-zstd \
  tests/corpus/disk-image/vdi \
  tests/corpus/disk-image/vhd-dynamic \
  tests/corpus/disk-image/vhd-fixed \
  tests/corpus/disk-image/vhdx \
  tests/corpus/disk-image/vmdk-descriptor \
  tests/corpus/disk-image/vmdk-sparse \
  tests/corpus/disk-image/vmdk-stream
