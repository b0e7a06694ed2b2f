# Network cards, and what they share.
libhw_a_SOURCES += \
  src/hw/net/checksum.c src/hw/net/checksum.h \
  src/hw/net/offload.c src/hw/net/offload.h
