# The display cards: one program each, of the same source.
display_fuzz_targets = tests/fuzz/fuzz-vga tests/fuzz/fuzz-cirrus tests/fuzz/fuzz-svga tests/fuzz/fuzz-qxl \
  tests/fuzz/fuzz-virtio-vga tests/fuzz/fuzz-bochs-display tests/fuzz/fuzz-secondary-vga
if WITH_FUZZING
noinst_PROGRAMS += $(display_fuzz_targets)
else
check_PROGRAMS += $(display_fuzz_targets)
TESTS += $(display_fuzz_targets)
endif
display_fuzz_libs = libhw.a libcore.a $(CORE_LIBS)

tests_fuzz_fuzz_vga_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_vga_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"std"'
tests_fuzz_fuzz_vga_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_vga_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_cirrus_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_cirrus_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"cirrus"'
tests_fuzz_fuzz_cirrus_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_cirrus_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_svga_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_svga_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"vmware"'
tests_fuzz_fuzz_svga_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_svga_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_qxl_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_qxl_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"qxl"'
tests_fuzz_fuzz_qxl_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_qxl_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_virtio_vga_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_virtio_vga_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"virtio"'
tests_fuzz_fuzz_virtio_vga_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_virtio_vga_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_bochs_display_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_bochs_display_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"bochs-display"'
tests_fuzz_fuzz_bochs_display_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_bochs_display_LDADD = $(display_fuzz_libs)
tests_fuzz_fuzz_secondary_vga_SOURCES = tests/fuzz/fuzz-display.c $(fuzz_main)
tests_fuzz_fuzz_secondary_vga_CPPFLAGS = $(AM_CPPFLAGS) -DCARD='"secondary-vga"'
tests_fuzz_fuzz_secondary_vga_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_secondary_vga_LDADD = $(display_fuzz_libs)

EXTRA_DIST += \
  tests/corpus/vga/modes tests/corpus/vga/planes \
  tests/corpus/cirrus/blits tests/corpus/cirrus/system \
  tests/corpus/svga/commands tests/corpus/svga/screen \
  tests/corpus/qxl/composites tests/corpus/qxl/draws tests/corpus/qxl/masks tests/corpus/qxl/scaling tests/corpus/qxl/strokes \
  tests/corpus/qxl/surfaces tests/corpus/qxl/text \
  tests/corpus/virtio-vga/commands tests/corpus/virtio-vga/pointer tests/corpus/virtio-vga/text \
  tests/corpus/bochs-display/modes tests/corpus/secondary-vga/planes
