# Boards' chip sets, and the small devices around them.
libhw_a_SOURCES += \
  src/hw/boards/acpi-pm1.c src/hw/boards/acpi-pm1.h \
  src/hw/boards/board-i440fx.c \
  src/hw/boards/board-q35.c \
  src/hw/boards/board-smbus.c \
  src/hw/boards/i6300esb.c src/hw/boards/i6300esb.h \
  src/hw/boards/ich9-lpc.c src/hw/boards/ich9-lpc.h \
  src/hw/boards/ich9-smb.c src/hw/boards/ich9-smb.h \
  src/hw/boards/parallel.c src/hw/boards/parallel.h \
  src/hw/boards/pci-express.c src/hw/boards/pci-express.h \
  src/hw/boards/pci-host.c src/hw/boards/pci-host.h \
  src/hw/boards/pflash.c src/hw/boards/pflash.h \
  src/hw/boards/smi-features.c src/hw/boards/smi-features.h \
  src/hw/boards/pvpanic.c src/hw/boards/pvpanic.h \
  src/hw/boards/q35-mch.c src/hw/boards/q35-mch.h \
  src/hw/boards/serial-cards.c src/hw/boards/serial-cards.h \
  src/hw/boards/shadow-ram.c src/hw/boards/shadow-ram.h \
  src/hw/boards/smbus-eeprom.c src/hw/boards/smbus-eeprom.h \
  src/hw/boards/smbus-host.c src/hw/boards/smbus-host.h \
  src/hw/boards/smbus.h \
  src/hw/boards/vmport.c src/hw/boards/vmport.h
