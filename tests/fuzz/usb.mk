# USB's fuzz targets; their names are in local.mk's list.
tests_fuzz_fuzz_usb_controller_SOURCES = tests/fuzz/fuzz-usb-controller.c $(fuzz_main)
tests_fuzz_fuzz_usb_controller_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_usb_controller_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_fuzz_fuzz_usb_device_SOURCES = tests/fuzz/fuzz-usb-device.c $(fuzz_main)
tests_fuzz_fuzz_usb_device_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_usb_device_LDADD = libhw.a libcore.a $(CORE_LIBS)
EXTRA_DIST += \
  tests/corpus/usb-controller/ehci-bulk \
  tests/corpus/usb-controller/ehci-control \
  tests/corpus/usb-controller/ohci-bulk \
  tests/corpus/usb-controller/ohci-control \
  tests/corpus/usb-controller/uhci-bulk \
  tests/corpus/usb-controller/uhci-control \
  tests/corpus/usb-controller/xhci \
  tests/corpus/usb-device/ecm \
  tests/corpus/usb-device/hub \
  tests/corpus/usb-device/keyboard \
  tests/corpus/usb-device/rndis \
  tests/corpus/usb-device/serial \
  tests/corpus/usb-device/storage \
  tests/corpus/usb-device/tablet
