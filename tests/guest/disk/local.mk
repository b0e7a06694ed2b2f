# What guests on disks need: a program that does random operations on one and compares, and a boot sector.
EXTRA_DIST += tests/guest/disk/disk-check.c tests/guest/disk/boot.S tests/guest/check-scsi.sh \
  tests/guest/check-virtio.sh
CLEANFILES += tests/guest/disk/disk-check tests/guest/disk/boot.img
MOSTLYCLEANFILES += tests/guest/disk/*.o

tests/guest/disk/disk-check: $(top_srcdir)/tests/guest/disk/disk-check.c
	$(AM_V_at)$(MKDIR_P) tests/guest/disk
	$(AM_V_CCLD)$(CC) -O2 -static $(WARN_CFLAGS) -o $@ $<

tests/guest/disk/boot.img: $(top_srcdir)/tests/guest/disk/boot.S
	$(AM_V_at)$(MKDIR_P) tests/guest/disk
	$(AM_V_at)$(CC) -m32 -c -o tests/guest/disk/boot.o $<
	$(AM_V_CCLD)$(LD) -m elf_i386 -Ttext 0x7c00 --oformat binary -e _start -o $@ tests/guest/disk/boot.o
