DISPLAY_TESTS = \
  tests/hw/display/test-cards \
  tests/hw/display/test-edid \
  tests/hw/display/test-qxl \
  tests/hw/display/test-vga \
  tests/hw/display/test-vga-modes
check_PROGRAMS += $(DISPLAY_TESTS)
TESTS += $(DISPLAY_TESTS)
tests_hw_display_test_vga_SOURCES = tests/hw/display/test-vga.c
tests_hw_display_test_vga_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_display_test_vga_modes_SOURCES = tests/hw/display/test-vga-modes.c tests/hw/display/card-fixture.h
tests_hw_display_test_vga_modes_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_display_test_qxl_SOURCES = tests/hw/display/test-qxl.c tests/hw/display/card-fixture.h
tests_hw_display_test_qxl_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_display_test_edid_SOURCES = tests/hw/display/test-edid.c
tests_hw_display_test_edid_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_display_test_cards_SOURCES = tests/hw/display/test-cards.c tests/hw/display/card-fixture.h
tests_hw_display_test_cards_LDADD = libhw.a libcore.a $(CORE_LIBS)
