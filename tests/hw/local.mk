# check_PROGRAMS += tests/hw/test-NAME
# tests_hw_test_NAME_SOURCES = tests/hw/test-NAME.c
# TESTS += tests/hw/test-NAME

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
