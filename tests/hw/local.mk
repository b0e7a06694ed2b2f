# The devices that every PC has.
check_PROGRAMS += \
  tests/hw/test-generic-device \
  tests/hw/test-hpet \
  tests/hw/test-i8042 \
  tests/hw/test-ioapic \
  tests/hw/test-lapic \
  tests/hw/test-mc146818rtc \
  tests/hw/test-pic8259 \
  tests/hw/test-pit8254 \
  tests/hw/test-ports \
  tests/hw/test-ps2-keyboard \
  tests/hw/test-ps2-mouse \
  tests/hw/test-uart16550
TESTS += \
  tests/hw/test-generic-device \
  tests/hw/test-hpet \
  tests/hw/test-i8042 \
  tests/hw/test-ioapic \
  tests/hw/test-lapic \
  tests/hw/test-mc146818rtc \
  tests/hw/test-pic8259 \
  tests/hw/test-pit8254 \
  tests/hw/test-ports \
  tests/hw/test-ps2-keyboard \
  tests/hw/test-ps2-mouse \
  tests/hw/test-uart16550
tests_hw_test_generic_device_SOURCES = tests/hw/test-generic-device.c
tests_hw_test_generic_device_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_hpet_SOURCES = tests/hw/test-hpet.c tests/hw/device-fixture.h
tests_hw_test_hpet_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_i8042_SOURCES = tests/hw/test-i8042.c tests/hw/device-fixture.h
tests_hw_test_i8042_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_ioapic_SOURCES = tests/hw/test-ioapic.c tests/hw/device-fixture.h
tests_hw_test_ioapic_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_lapic_SOURCES = tests/hw/test-lapic.c tests/hw/device-fixture.h
tests_hw_test_lapic_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_mc146818rtc_SOURCES = tests/hw/test-mc146818rtc.c tests/hw/device-fixture.h
tests_hw_test_mc146818rtc_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_pic8259_SOURCES = tests/hw/test-pic8259.c tests/hw/device-fixture.h
tests_hw_test_pic8259_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_pit8254_SOURCES = tests/hw/test-pit8254.c tests/hw/device-fixture.h
tests_hw_test_pit8254_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_ports_SOURCES = tests/hw/test-ports.c tests/hw/device-fixture.h
tests_hw_test_ports_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_ps2_keyboard_SOURCES = tests/hw/test-ps2-keyboard.c tests/hw/device-fixture.h
tests_hw_test_ps2_keyboard_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_ps2_mouse_SOURCES = tests/hw/test-ps2-mouse.c tests/hw/device-fixture.h
tests_hw_test_ps2_mouse_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_uart16550_SOURCES = tests/hw/test-uart16550.c tests/hw/device-fixture.h
tests_hw_test_uart16550_LDADD = libhw.a libcore.a $(CORE_LIBS)

# The pc board's chip set, firmware interfaces and display.
PC_TESTS = \
  tests/hw/test-acpi-tables \
  tests/hw/test-board-pc \
  tests/hw/test-boot-order \
  tests/hw/test-fw-cfg \
  tests/hw/test-i440fx \
  tests/hw/test-mp-tables \
  tests/hw/test-pci-rom \
  tests/hw/test-piix3 \
  tests/hw/test-piix4-pm \
  tests/hw/test-smbios
check_PROGRAMS += $(PC_TESTS)
TESTS += $(PC_TESTS)
tests_hw_test_acpi_tables_SOURCES = tests/hw/test-acpi-tables.c
tests_hw_test_acpi_tables_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_board_pc_SOURCES = tests/hw/test-board-pc.c
tests_hw_test_board_pc_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_boot_order_SOURCES = tests/hw/test-boot-order.c
tests_hw_test_boot_order_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_fw_cfg_SOURCES = tests/hw/test-fw-cfg.c
tests_hw_test_fw_cfg_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_i440fx_SOURCES = tests/hw/test-i440fx.c
tests_hw_test_i440fx_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_mp_tables_SOURCES = tests/hw/test-mp-tables.c
tests_hw_test_mp_tables_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_pci_rom_SOURCES = tests/hw/test-pci-rom.c
tests_hw_test_pci_rom_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_piix3_SOURCES = tests/hw/test-piix3.c
tests_hw_test_piix3_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_piix4_pm_SOURCES = tests/hw/test-piix4-pm.c
tests_hw_test_piix4_pm_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_test_smbios_SOURCES = tests/hw/test-smbios.c
tests_hw_test_smbios_LDADD = libhw.a libcore.a $(CORE_LIBS)
