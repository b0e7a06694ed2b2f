# Display cards, and what they show to whoever looks.
libhw_a_SOURCES += \
  src/hw/display/cards.c src/hw/display/cards.h \
  src/hw/display/cirrus-blit.c \
  src/hw/display/cirrus-state.h \
  src/hw/display/cirrus.c src/hw/display/cirrus.h \
  src/hw/display/bochs.c src/hw/display/bochs.h \
  src/hw/display/device-cards.c src/hw/display/device-cards.h \
  src/hw/display/display.c src/hw/display/display.h \
  src/hw/display/edid.c src/hw/display/edid.h \
  src/hw/display/linear.c src/hw/display/linear.h \
  src/hw/display/qxl-composite.c \
  src/hw/display/qxl-draw.c src/hw/display/qxl-draw.h \
  src/hw/display/qxl-image.c \
  src/hw/display/qxl-memory.c \
  src/hw/display/qxl-rings.c \
  src/hw/display/qxl-shapes.c \
  src/hw/display/qxl-state.h \
  src/hw/display/qxl.c src/hw/display/qxl.h \
  src/hw/display/svga-fifo.c \
  src/hw/display/svga-memory.c \
  src/hw/display/svga-state.h \
  src/hw/display/svga.c src/hw/display/svga.h \
  src/hw/display/vga-dispi.c \
  src/hw/display/vga-draw.c \
  src/hw/display/vga-memory.c \
  src/hw/display/vga-mmio.c \
  src/hw/display/vga-ports.c \
  src/hw/display/vga-screen.c \
  src/hw/display/vga-setup.c src/hw/display/vga-setup.h \
  src/hw/display/vga-state.h \
  src/hw/display/vga.c src/hw/display/vga.h \
  src/hw/display/virtio-vga.c src/hw/display/virtio-vga.h
