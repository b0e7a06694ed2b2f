# Boards' chip sets, and the small devices around them.
BOARDS_TESTS = \
  tests/hw/boards/test-ich9-lpc \
  tests/hw/boards/test-pci-express \
  tests/hw/boards/test-pflash \
  tests/hw/boards/test-q35-mch \
  tests/hw/boards/test-small-devices \
  tests/hw/boards/test-smbus
check_PROGRAMS += $(BOARDS_TESTS)
TESTS += $(BOARDS_TESTS)
tests_hw_boards_test_ich9_lpc_SOURCES = tests/hw/boards/test-ich9-lpc.c tests/hw/device-fixture.h
tests_hw_boards_test_ich9_lpc_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_boards_test_pci_express_SOURCES = tests/hw/boards/test-pci-express.c
tests_hw_boards_test_pci_express_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_boards_test_pflash_SOURCES = tests/hw/boards/test-pflash.c tests/hw/device-fixture.h
tests_hw_boards_test_pflash_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_boards_test_q35_mch_SOURCES = tests/hw/boards/test-q35-mch.c
tests_hw_boards_test_q35_mch_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_boards_test_small_devices_SOURCES = tests/hw/boards/test-small-devices.c tests/hw/device-fixture.h
tests_hw_boards_test_small_devices_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_boards_test_smbus_SOURCES = tests/hw/boards/test-smbus.c tests/hw/device-fixture.h
tests_hw_boards_test_smbus_LDADD = libhw.a libcore.a $(CORE_LIBS)
