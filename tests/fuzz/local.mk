# Fuzz targets: fuzz-NAME.c has LLVMFuzzerTestOneInput(), tests/corpus/NAME/ its inputs.
# `make check` runs the inputs and some thousand variations of them (replay.c).  After
# ./configure --enable-fuzzing CC=clang the same programs are libFuzzer's:
#     tests/fuzz/fuzz-NAME CORPUS-OF-ONE'S-OWN .../tests/corpus/NAME
#
# To add one: a name in fuzz_targets, its sources and libraries as below, its inputs in EXTRA_DIST.

fuzz_targets = tests/fuzz/fuzz-expression tests/fuzz/fuzz-recording tests/fuzz/fuzz-monitor-line \
  tests/fuzz/fuzz-gdb-packet tests/fuzz/fuzz-lsi53c895a tests/fuzz/fuzz-nvme tests/fuzz/fuzz-scsi \
  tests/fuzz/fuzz-virtio
fuzz_targets += tests/fuzz/fuzz-boards
fuzz_targets += tests/fuzz/fuzz-ahci tests/fuzz/fuzz-floppy tests/fuzz/fuzz-ide
fuzz_targets += tests/fuzz/fuzz-disk-image
fuzz_targets += tests/fuzz/fuzz-fs
fuzz_targets += tests/fuzz/fuzz-usb-controller tests/fuzz/fuzz-usb-device
fuzz_targets += tests/fuzz/fuzz-agent
fuzz_targets += tests/fuzz/fuzz-net-spec tests/fuzz/fuzz-nic tests/fuzz/fuzz-offload
fuzz_targets += tests/fuzz/fuzz-sound
fuzz_targets += tests/fuzz/fuzz-state

if WITH_FUZZING
noinst_PROGRAMS += $(fuzz_targets)
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
fuzz_main = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/replay.c

tests_fuzz_fuzz_expression_SOURCES = tests/fuzz/fuzz-expression.c $(fuzz_main)
tests_fuzz_fuzz_expression_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_expression_LDADD = libarch.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/expression/arithmetic \
  tests/corpus/expression/casts \
  tests/corpus/expression/condition \
  tests/corpus/expression/hit \
  tests/corpus/expression/lazy \
  tests/corpus/expression/memory \
  tests/corpus/expression/names \
  tests/corpus/expression/nested \
  tests/corpus/expression/registers

tests_fuzz_fuzz_recording_SOURCES = tests/fuzz/fuzz-recording.c $(fuzz_main)
tests_fuzz_fuzz_recording_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_recording_LDADD = $(TRACE_TEST_LIBS)
EXTRA_DIST += \
  tests/corpus/recording/another-application \
  tests/corpus/recording/cut-in-half \
  tests/corpus/recording/cut-in-header \
  tests/corpus/recording/first-tree \
  tests/corpus/recording/newer-format \
  tests/corpus/recording/nothing \
  tests/corpus/recording/page-count \
  tests/corpus/recording/page-size \
  tests/corpus/recording/schema

tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz-state.c $(fuzz_main)
tests_fuzz_fuzz_state_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_fuzz_fuzz_state_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_state_LDADD = $(TRACE_TEST_LIBS)
EXTRA_DIST += \
  tests/corpus/state/cut-off \
  tests/corpus/state/disk \
  tests/corpus/state/fields \
  tests/corpus/state/nothing \
  tests/corpus/state/packed-again \
  tests/corpus/state/short-state

tests_fuzz_fuzz_monitor_line_SOURCES = tests/fuzz/fuzz-monitor-line.c $(fuzz_main)
tests_fuzz_fuzz_monitor_line_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_monitor_line_LDADD = $(SESSION_LIBS)
EXTRA_DIST += \
  tests/corpus/monitor-line/info \
  tests/corpus/monitor-line/memory \
  tests/corpus/monitor-line/odd \
  tests/corpus/monitor-line/paging

tests_fuzz_fuzz_gdb_packet_SOURCES = tests/fuzz/fuzz-gdb-packet.c tests/gdbstub/small-machine.c $(fuzz_main)
tests_fuzz_fuzz_gdb_packet_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_gdb_packet_LDADD = libgdbstub.a libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
EXTRA_DIST += \
  tests/corpus/gdb-packet/end \
  tests/corpus/gdb-packet/greeting \
  tests/corpus/gdb-packet/lldb \
  tests/corpus/gdb-packet/memory \
  tests/corpus/gdb-packet/monitor \
  tests/corpus/gdb-packet/points \
  tests/corpus/gdb-packet/registers \
  tests/corpus/gdb-packet/steps

tests_fuzz_fuzz_lsi53c895a_SOURCES = tests/fuzz/fuzz-lsi53c895a.c tests/fuzz/fuzz-controller.h tests/hw/storage/storage-fixture.h $(fuzz_main)
tests_fuzz_fuzz_lsi53c895a_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_lsi53c895a_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/lsi53c895a/inquiry \
  tests/corpus/lsi53c895a/loop \
  tests/corpus/lsi53c895a/mismatch \
  tests/corpus/lsi53c895a/registers \
  tests/corpus/lsi53c895a/write

tests_fuzz_fuzz_nvme_SOURCES = tests/fuzz/fuzz-nvme.c tests/fuzz/fuzz-controller.h tests/hw/storage/storage-fixture.h $(fuzz_main)
tests_fuzz_fuzz_nvme_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nvme_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/nvme/admin \
  tests/corpus/nvme/list \
  tests/corpus/nvme/read-write \
  tests/corpus/nvme/sgl

tests_fuzz_fuzz_scsi_SOURCES = tests/fuzz/fuzz-scsi.c tests/hw/storage/storage-fixture.h $(fuzz_main)
tests_fuzz_fuzz_scsi_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_scsi_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/scsi/blocks \
  tests/corpus/scsi/cd \
  tests/corpus/scsi/inquiry \
  tests/corpus/scsi/mode \
  tests/corpus/scsi/unmap

tests_fuzz_fuzz_fs_SOURCES = tests/fuzz/fuzz-fs.c tests/host/fs/remove-all.h $(fuzz_main)
tests_fuzz_fuzz_fs_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_fs_LDADD = libhost.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/fs/attributes \
  tests/corpus/fs/files \
  tests/corpus/fs/locks \
  tests/corpus/fs/names

tests_fuzz_fuzz_ahci_SOURCES = tests/fuzz/fuzz-ahci.c tests/fuzz/storage-ops.h $(fuzz_main)
tests_fuzz_fuzz_ahci_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_ahci_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/ahci/dma \
  tests/corpus/ahci/identify \
  tests/corpus/ahci/packet \
  tests/corpus/ahci/queue \
  tests/corpus/ahci/reset

tests_fuzz_fuzz_floppy_SOURCES = tests/fuzz/fuzz-floppy.c tests/fuzz/storage-ops.h $(fuzz_main)
tests_fuzz_fuzz_floppy_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_floppy_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/floppy/non-dma \
  tests/corpus/floppy/others \
  tests/corpus/floppy/read \
  tests/corpus/floppy/write

tests_fuzz_fuzz_ide_SOURCES = tests/fuzz/fuzz-ide.c tests/fuzz/storage-ops.h $(fuzz_main)
tests_fuzz_fuzz_ide_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_ide_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/ide/dma \
  tests/corpus/ide/identify \
  tests/corpus/ide/packets \
  tests/corpus/ide/trim \
  tests/corpus/ide/write

tests_fuzz_fuzz_virtio_SOURCES = tests/fuzz/fuzz-virtio.c tests/hw/virtio/rig.c tests/hw/virtio/rig.h $(fuzz_main)
tests_fuzz_fuzz_virtio_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_virtio_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/virtio/9p \
  tests/corpus/virtio/balloon \
  tests/corpus/virtio/balloon-packed \
  tests/corpus/virtio/blk \
  tests/corpus/virtio/blk-packed \
  tests/corpus/virtio/net \
  tests/corpus/virtio/net-packed \
  tests/corpus/virtio/rng \
  tests/corpus/virtio/rng-packed \
  tests/corpus/virtio/scsi \
  tests/corpus/virtio/scsi-packed \
  tests/corpus/virtio/serial \
  tests/corpus/virtio/serial-packed \
  tests/corpus/virtio/vsock
tests_fuzz_fuzz_nic_SOURCES = tests/fuzz/fuzz-nic.c $(fuzz_main)
tests_fuzz_fuzz_nic_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_nic_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/nic/e1000 \
  tests/corpus/nic/e1000e \
  tests/corpus/nic/ne2k-isa \
  tests/corpus/nic/ne2k-pci \
  tests/corpus/nic/pcnet \
  tests/corpus/nic/rtl8139

tests_fuzz_fuzz_net_spec_SOURCES = tests/fuzz/fuzz-net-spec.c $(fuzz_main)
tests_fuzz_fuzz_net_spec_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_net_spec_LDADD = libhost.a libcore.a $(CORE_LIBS) $(SLIRP_LIBS)
EXTRA_DIST += \
  tests/corpus/net-spec/dgram \
  tests/corpus/net-spec/ipv6 \
  tests/corpus/net-spec/rule \
  tests/corpus/net-spec/socket \
  tests/corpus/net-spec/stream \
  tests/corpus/net-spec/tap \
  tests/corpus/net-spec/user

tests_fuzz_fuzz_offload_SOURCES = tests/fuzz/fuzz-offload.c $(fuzz_main)
tests_fuzz_fuzz_offload_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_offload_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/offload/tcp4 \
  tests/corpus/offload/tcp6 \
  tests/corpus/offload/vlan

tests_fuzz_fuzz_boards_SOURCES = tests/fuzz/fuzz-boards.c $(fuzz_main)
tests_fuzz_fuzz_boards_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_boards_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/boards/buses \
  tests/corpus/boards/firmware \
  tests/corpus/boards/flash \
  tests/corpus/boards/power

tests_fuzz_fuzz_agent_SOURCES = tests/fuzz/fuzz-agent.c $(fuzz_main)
tests_fuzz_fuzz_agent_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_agent_LDADD = libhost.a libcore.a $(CORE_LIBS)
EXTRA_DIST += tests/corpus/agent/asked tests/corpus/agent/copied
