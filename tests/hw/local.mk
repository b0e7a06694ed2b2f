# The devices that every PC has.
check_PROGRAMS += \
  tests/hw/test-generic-device \
  tests/hw/test-mc146818rtc \
  tests/hw/test-pic8259 \
  tests/hw/test-pit8254
TESTS += \
  tests/hw/test-generic-device \
  tests/hw/test-mc146818rtc \
  tests/hw/test-pic8259 \
  tests/hw/test-pit8254
tests_hw_test_generic_device_SOURCES = tests/hw/test-generic-device.c
tests_hw_test_generic_device_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_mc146818rtc_SOURCES = tests/hw/test-mc146818rtc.c tests/hw/device-fixture.h
tests_hw_test_mc146818rtc_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_pic8259_SOURCES = tests/hw/test-pic8259.c tests/hw/device-fixture.h
tests_hw_test_pic8259_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_pit8254_SOURCES = tests/hw/test-pit8254.c tests/hw/device-fixture.h
tests_hw_test_pit8254_LDADD = libhw.a libcore.a $(CORE_LIBS)

# The pc board's chip set, firmware interfaces and display.
check_PROGRAMS += \
  tests/hw/test-acpi-tables \
  tests/hw/test-vga
TESTS += \
  tests/hw/test-acpi-tables \
  tests/hw/test-vga
tests_hw_test_acpi_tables_SOURCES = tests/hw/test-acpi-tables.c
tests_hw_test_acpi_tables_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_vga_SOURCES = tests/hw/test-vga.c
tests_hw_test_vga_LDADD = libhw.a libcore.a $(CORE_LIBS)
