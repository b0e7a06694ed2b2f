# USB: the bus, its controllers, its devices.
libhw_a_SOURCES += \
  src/hw/usb/ehci.c src/hw/usb/ehci.h \
  src/hw/usb/hid-usages.c \
  src/hw/usb/hid.c src/hw/usb/hid.h \
  src/hw/usb/hub.c src/hw/usb/hub.h \
  src/hw/usb/net-rndis.c src/hw/usb/net-private.h \
  src/hw/usb/net.c src/hw/usb/net.h \
  src/hw/usb/ohci.c src/hw/usb/ohci.h \
  src/hw/usb/redir.c src/hw/usb/redir.h \
  src/hw/usb/serial.c src/hw/usb/serial.h \
  src/hw/usb/storage.c src/hw/usb/storage.h \
  src/hw/usb/uhci.c src/hw/usb/uhci.h \
  src/hw/usb/xhci-commands.c src/hw/usb/xhci-private.h \
  src/hw/usb/xhci-events.c \
  src/hw/usb/xhci-transfers.c \
  src/hw/usb/xhci.c src/hw/usb/xhci.h \
  src/hw/usb/usb-descriptors.c \
  src/hw/usb/usb-hot.c src/hw/usb/usb-plug.c \
  src/hw/usb/usb.c src/hw/usb/usb.h
