libhost_a_SOURCES += \
  src/host/vsock/vsock.c src/host/vsock/vsock.h src/host/vsock/vsock-private.h \
  src/host/vsock/vsock-connection.c \
  src/host/vsock/vsock-wire.c
