# USB devices of the host.
libhost_a_SOURCES += \
  src/host/usb/usb-host.c src/host/usb/usb-host.h \
  src/host/usb/usb-list.c src/host/usb/usb-list.h \
  src/host/usb/usb-source.c src/host/usb/usb-source.h
