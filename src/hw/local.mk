noinst_LIBRARIES += libhw.a

libhw_a_CPPFLAGS = $(AM_CPPFLAGS)
libhw_a_SOURCES = \
  src/hw/apic-message.h \
  src/hw/boot-order.c src/hw/boot-order.h \
  src/hw/card.c src/hw/card.h \
  src/hw/cards.c \
  src/hw/classes.c \
  src/hw/debugcon.c src/hw/debugcon.h \
  src/hw/drive.c src/hw/drive.h \
  src/hw/hpet.c src/hw/hpet.h \
  src/hw/human.c src/hw/human.h \
  src/hw/i8042.c src/hw/i8042.h \
  src/hw/i8237.c src/hw/i8237.h \
  src/hw/ioapic.c src/hw/ioapic.h \
  src/hw/isa-debug-exit.c src/hw/isa-debug-exit.h \
  src/hw/isa-irqs.c src/hw/isa-irqs.h \
  src/hw/isa.h \
  src/hw/lapic-bus.c src/hw/lapic-bus.h \
  src/hw/lapic-interrupts.c src/hw/lapic-private.h \
  src/hw/lapic-msr.c \
  src/hw/lapic-regs.c \
  src/hw/lapic-timer.c src/hw/lapic-values.c \
  src/hw/lapic.c src/hw/lapic.h \
  src/hw/mc146818rtc.c src/hw/mc146818rtc.h \
  src/hw/pic8259.c src/hw/pic8259.h \
  src/hw/pit8254.c src/hw/pit8254.h \
  src/hw/port61.c src/hw/port61.h \
  src/hw/port92.c src/hw/port92.h \
  src/hw/ps2-keyboard.c src/hw/ps2-keyboard.h \
  src/hw/ps2-keys.c src/hw/ps2-keys.h \
  src/hw/ps2-mouse.c src/hw/ps2-mouse.h \
  src/hw/ps2.h \
  src/hw/uart16550.c src/hw/uart16550.h \
  src/hw/rate.h

# The pc board's chip set, firmware interfaces and display.
libhw_a_SOURCES += \
  src/hw/acpi-dsdt.c \
  src/hw/acpi-tables.c src/hw/acpi-tables.h \
  src/hw/aml.c src/hw/aml.h \
  src/hw/board-pc-boot.c \
  src/hw/board-pc-cmos.c \
  src/hw/board-pc-private.h \
  src/hw/board-pc-storage.c \
  src/hw/board-pc.c src/hw/board-pc.h \
  src/hw/fw-cfg.c src/hw/fw-cfg.h \
  src/hw/mp-tables.c src/hw/mp-tables.h \
  src/hw/i440fx.c src/hw/i440fx.h \
  src/hw/pci-msi.c \
  src/hw/pci-rom.c \
  src/hw/pci.c src/hw/pci.h \
  src/hw/piix3.c src/hw/piix3.h \
  src/hw/piix4-pm.c src/hw/piix4-pm.h \
  src/hw/smbios.c src/hw/smbios.h
