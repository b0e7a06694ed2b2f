# Who hears a person, USB devices and controllers.
USB_TESTS = \
  tests/hw/test-human \
  tests/hw/usb/test-usb \
  tests/hw/usb/test-usb-devices \
  tests/hw/usb/test-usb-redir
check_PROGRAMS += $(USB_TESTS)
TESTS += $(USB_TESTS)
tests_hw_test_human_SOURCES = tests/hw/test-human.c
tests_hw_test_human_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_usb_test_usb_SOURCES = tests/hw/usb/test-usb.c tests/hw/usb/bus-fixture.h
tests_hw_usb_test_usb_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_usb_test_usb_devices_SOURCES = tests/hw/usb/test-usb-devices.c tests/hw/usb/bus-fixture.h
tests_hw_usb_test_usb_devices_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_usb_test_usb_redir_SOURCES = tests/hw/usb/test-usb-redir.c tests/hw/usb/bus-fixture.h
tests_hw_usb_test_usb_redir_LDADD = libhw.a libcore.a $(CORE_LIBS)
