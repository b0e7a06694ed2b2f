# Network cards, and what they share.
libhw_a_SOURCES += \
  src/hw/net/checksum.c src/hw/net/checksum.h \
  src/hw/net/dp8390-ports.c src/hw/net/dp8390-private.h src/hw/net/dp8390.c src/hw/net/dp8390.h \
  src/hw/net/e1000-irq.c src/hw/net/e1000-phy.c src/hw/net/e1000-private.h \
  src/hw/net/e1000-rx.c \
  src/hw/net/e1000-setup.c \
  src/hw/net/e1000-statistics.c \
  src/hw/net/e1000-tx.c \
  src/hw/net/e1000.c src/hw/net/e1000.h \
  src/hw/net/e1000e.c \
  src/hw/net/eeprom93c46.c src/hw/net/eeprom93c46.h \
  src/hw/net/ne2k-isa.c src/hw/net/ne2k-pci.c \
  src/hw/net/nic.c src/hw/net/nic.h \
  src/hw/net/offload.c src/hw/net/offload.h \
  src/hw/net/pcnet-ports.c src/hw/net/pcnet-private.h src/hw/net/pcnet-rings.c \
  src/hw/net/pcnet.c src/hw/net/pcnet.h \
  src/hw/net/rtl8139-private.h src/hw/net/rtl8139-rx.c src/hw/net/rtl8139-tx.c \
  src/hw/net/rtl8139.c src/hw/net/rtl8139.h
