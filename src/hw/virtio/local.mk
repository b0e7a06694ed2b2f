libhw_a_SOURCES += \
  src/hw/virtio/cards.h \
  src/hw/virtio/virtio-9p.c src/hw/virtio/virtio-9p.h \
  src/hw/virtio/virtio-balloon.c src/hw/virtio/virtio-balloon.h \
  src/hw/virtio/virtio-blk.c \
  src/hw/virtio/virtio-delay.c src/hw/virtio/virtio-delay.h \
  src/hw/virtio/virtio-gpu.c src/hw/virtio/virtio-gpu.h \
  src/hw/virtio/virtio-input.c src/hw/virtio/virtio-input.h \
  src/hw/virtio/virtio-mmio.c src/hw/virtio/virtio-mmio.h \
  src/hw/virtio/virtio-net.c \
  src/hw/virtio/virtio-pci.c src/hw/virtio/virtio-pci.h \
  src/hw/virtio/virtio-ring.c \
  src/hw/virtio/virtio-rng.c \
  src/hw/virtio/virtio-scsi.c \
  src/hw/virtio/virtio-serial.c src/hw/virtio/virtio-serial.h \
  src/hw/virtio/virtio-transport.c src/hw/virtio/virtio-transport.h \
  src/hw/virtio/virtio-vsock.c src/hw/virtio/virtio-vsock.h \
  src/hw/virtio/virtio.c src/hw/virtio/virtio.h
