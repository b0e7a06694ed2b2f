TESTS += tests/guest/test-demo.sh tests/guest/test-cpu.sh tests/guest/test-recording.sh tests/guest/test-boot-order.sh
EXTRA_DIST += tests/guest/test-demo.sh tests/guest/test-cpu.sh tests/guest/test-recording.sh tests/guest/test-boot-order.sh
check_DATA += tests/guest/disk/boot.img

# Guests that test the CPU: multiboot kernels of our own, without any of the host's headers,
# libraries or sanitizers.  The number is the width of their code.
cpu_guests_32 = debug paging32 protect smm tasks vm86
cpu_guests_64 = debug-long long paging smm-long
cpu_guests = $(cpu_guests_32) $(cpu_guests_64)
cpu_guest_images = $(cpu_guests:%=tests/guest/cpu/%.img)
cpu_guest_shared = guest.c guest.h guest.ld entry32.S entry64.S

EXTRA_DIST += $(cpu_guest_shared:%=tests/guest/cpu/%) $(cpu_guests:%=tests/guest/cpu/%.c)
CLEANFILES += $(cpu_guest_images)
MOSTLYCLEANFILES += tests/guest/cpu/*.o
check_DATA += $(cpu_guest_images)

CPU_GUEST_CFLAGS = -std=gnu11 -O1 -ffreestanding -fno-builtin -mgeneral-regs-only -mno-red-zone \
  -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  -fno-omit-frame-pointer $(WARN_CFLAGS)
CPU_GUEST_LINK = -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-T,$(top_srcdir)/tests/guest/cpu/guest.ld

tests/guest/cpu/%-32.o: $(top_srcdir)/tests/guest/cpu/%.c $(top_srcdir)/tests/guest/cpu/guest.h
	$(AM_V_at)$(MKDIR_P) tests/guest/cpu
	$(AM_V_CC)$(CC) $(CPU_GUEST_CFLAGS) -m32 -c -o $@ $<
tests/guest/cpu/%-32.o: $(top_srcdir)/tests/guest/cpu/%.S
	$(AM_V_at)$(MKDIR_P) tests/guest/cpu
	$(AM_V_CPPAS)$(CC) $(CPU_GUEST_CFLAGS) -m32 -c -o $@ $<
tests/guest/cpu/%-64.o: $(top_srcdir)/tests/guest/cpu/%.c $(top_srcdir)/tests/guest/cpu/guest.h
	$(AM_V_at)$(MKDIR_P) tests/guest/cpu
	$(AM_V_CC)$(CC) $(CPU_GUEST_CFLAGS) -m64 -c -o $@ $<
tests/guest/cpu/%-64.o: $(top_srcdir)/tests/guest/cpu/%.S
	$(AM_V_at)$(MKDIR_P) tests/guest/cpu
	$(AM_V_CPPAS)$(CC) $(CPU_GUEST_CFLAGS) -m64 -c -o $@ $<

# Multiboot loaders take ELF32; the addresses fit.
$(cpu_guests_32:%=tests/guest/cpu/%.img): tests/guest/cpu/%.img: \
    tests/guest/cpu/entry32-32.o tests/guest/cpu/guest-32.o tests/guest/cpu/%-32.o $(top_srcdir)/tests/guest/cpu/guest.ld
	$(AM_V_CCLD)$(CC) -m32 $(CPU_GUEST_LINK) -Wl,-m,elf_i386 -o $@ $(filter %.o,$^)
$(cpu_guests_64:%=tests/guest/cpu/%.img): tests/guest/cpu/%.img: \
    tests/guest/cpu/entry64-64.o tests/guest/cpu/guest-64.o tests/guest/cpu/%-64.o $(top_srcdir)/tests/guest/cpu/guest.ld
	$(AM_V_CCLD)$(CC) -m64 $(CPU_GUEST_LINK) -o $@.elf $(filter %.o,$^)
	$(AM_V_GEN)$(OBJCOPY) -O elf32-i386 --strip-debug $@.elf $@ && rm -f $@.elf

# Real guests from Debian's packages, not part of `make check`:
#   make check-guests [GUESTS=PATTERN]
EXTRA_DIST += tests/guest/check-boards.sh tests/guest/boards/backdoor.c tests/guest/check-guests.sh tests/guest/fetch-guests.sh tests/guest/linux/selfcheck.c
EXTRA_DIST += tests/guest/bios.gdb tests/guest/linux.gdb tests/guest/linux-names.gdb
CLEANFILES += tests/guest/selfcheck-64 tests/guest/selfcheck-32 tests/guest/boards/backdoor
GUESTS_FOLDER = guests.cache
GUESTS =

distclean-local:
	rm -rf $(GUESTS_FOLDER)

# A Linux program without a C library, so that no other one is needed for 32 bits.
SELFCHECK_CFLAGS = -std=gnu11 -O2 -ffreestanding -fno-builtin -fno-pic -fno-pie -no-pie -nostdlib -static \
  -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  -ffp-contract=off $(WARN_CFLAGS)

tests/guest/selfcheck-%: $(top_srcdir)/tests/guest/linux/selfcheck.c
	$(AM_V_at)$(MKDIR_P) tests/guest
	$(AM_V_CCLD)$(CC) -m$* $(if $(filter 32,$*),-march=i686 -mno-sse) $(SELFCHECK_CFLAGS) -o $@ $<

tests/guest/boards/backdoor: $(top_srcdir)/tests/guest/boards/backdoor.c
	$(AM_V_at)$(MKDIR_P) tests/guest/boards
	$(AM_V_CCLD)$(CC) -O2 $(WARN_CFLAGS) -static -o $@ $<

.PHONY: check-guests
check-guests: astern astern-gtk tests/launch/test-walk tests/guest/selfcheck-64 tests/guest/selfcheck-32 \
    tests/guest/disk/disk-check tests/guest/disk/boot.img tests/guest/boards/backdoor
	@$(SHELL) $(top_srcdir)/tests/guest/fetch-guests.sh $(GUESTS_FOLDER) tests/guest/selfcheck-64 tests/guest/selfcheck-32 \
	  tests/guest/disk/disk-check
	@top_builddir='$(abs_top_builddir)' top_srcdir='$(abs_top_srcdir)' $(SHELL) $(top_srcdir)/tests/guest/check-guests.sh \
	  $(GUESTS_FOLDER) tests/guest/selfcheck-64 '$(GUESTS)'

TESTS += tests/guest/test-tutorial.sh
EXTRA_DIST += tests/guest/test-tutorial.sh

# Debian from disks, by every controller: needs root and half an hour.  QEMU=1 gives QEMU's times beside.
EXTRA_DIST += tests/guest/debian/make-disk.sh tests/guest/debian/put-grub.py tests/guest/debian/check-debian.sh
.PHONY: check-debian
check-debian: astern
	@$(SHELL) $(top_srcdir)/tests/guest/debian/make-disk.sh $(GUESTS_FOLDER)/debian
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/debian/check-debian.sh $(GUESTS_FOLDER)/debian '$(GUESTS)'

# Real systems, each to a known state and replayed:  make check-systems [SYSTEMS=PATTERN] [RECORD=0] [QEMU=1]
EXTRA_DIST += tests/guest/systems/check-systems.py tests/guest/systems/machine.py tests/guest/systems/make-systems.sh \
  tests/guest/systems/picture.py tests/guest/systems/rows.py
SYSTEMS =
.PHONY: check-systems
check-systems: astern
	@$(SHELL) $(top_srcdir)/tests/guest/systems/make-systems.sh $(GUESTS_FOLDER)/systems
	@PYTHONDONTWRITEBYTECODE=1 python3 $(top_srcdir)/tests/guest/systems/check-systems.py ./astern $(GUESTS_FOLDER)/systems '$(SYSTEMS)'

# Disks, CDs and floppies on IDE and SATA; QEMU=1 gives QEMU's times beside.
EXTRA_DIST += tests/guest/check-ata.sh
.PHONY: check-ata
check-ata: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/check-ata.sh $(GUESTS_FOLDER)/ata '$(GUESTS)'

# Network cards:  make check-net [GUESTS=PATTERN] [MIB=1024] [QEMU=1]
EXTRA_DIST += tests/guest/check-net.sh
.PHONY: check-net
check-net: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/check-net.sh $(GUESTS_FOLDER)/net '$(GUESTS)'
EXTRA_DIST += tests/guest/check-display.sh tests/guest/display/picture.c tests/guest/display/compare.py \
  tests/guest/check-xorg.sh tests/guest/display/xpicture.c
# Virtio devices: without a bus, directories, sockets.
EXTRA_DIST += tests/guest/virtio/check-virtio-devices.sh tests/guest/virtio/guest-tool.c
CLEANFILES += tests/guest/virtio/guest-tool
tests/guest/virtio/guest-tool: $(top_srcdir)/tests/guest/virtio/guest-tool.c
	$(AM_V_at)$(MKDIR_P) tests/guest/virtio
	$(AM_V_CCLD)$(CC) -O2 $(WARN_CFLAGS) -static -o $@ $<
.PHONY: check-virtio
check-virtio: astern tests/guest/virtio/guest-tool
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/virtio/check-virtio-devices.sh $(GUESTS_FOLDER)/virtio \
	  tests/guest/virtio/guest-tool '$(GUESTS)'
# USB sticks, keyboards and controllers.
EXTRA_DIST += tests/guest/usb/check-usb.sh
.PHONY: check-usb
check-usb: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/usb/check-usb.sh $(GUESTS_FOLDER)/usb '$(GUESTS)'
# Sound cards, a loudspeaker, a sound server.
EXTRA_DIST += tests/guest/sound/check-sound.sh tests/guest/sound/tone.py
.PHONY: check-sound
check-sound: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/sound/check-sound.sh $(GUESTS_FOLDER)/sound \
	  $(abs_top_srcdir)/tests/guest/sound/tone.py '$(GUESTS)'

# The screen from elsewhere, with real viewers:  make check-remote [GUESTS=PATTERN]
EXTRA_DIST += tests/guest/check-remote.sh tests/guest/remote/monitor.py tests/guest/remote/seen.py
.PHONY: check-remote
check-remote: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/check-remote.sh $(GUESTS_FOLDER)/remote '$(GUESTS)'
# fio on every disk controller and every format of images:
#   make check-fio [CONTROLLERS='nvme lsi'] [FORMATS='raw qcow2'] [OPS=100000] [SPEED=yes] [QEMU=1]
EXTRA_DIST += tests/guest/check-fio.sh tests/guest/fio/make-guest.sh
.PHONY: check-fio
check-fio: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/guest/check-fio.sh $(GUESTS_FOLDER)/fio
