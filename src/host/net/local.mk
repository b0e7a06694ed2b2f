# Network back ends.
libhost_a_SOURCES += \
  src/host/net/address.c src/host/net/address.h \
  src/host/net/hub.c src/host/net/hub.h \
  src/host/net/net.c src/host/net/net.h \
  src/host/net/pcap.c src/host/net/pcap.h \
  src/host/net/socket.c \
  src/host/net/tap.c \
  src/host/net/user-spec.c src/host/net/user-spec.h \
  src/host/net/user.c \
  src/host/net/wire.c src/host/net/wire.h
