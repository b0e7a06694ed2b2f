# Who hears a person, USB devices and controllers.
USB_TESTS = \
  tests/hw/test-human
check_PROGRAMS += $(USB_TESTS)
TESTS += $(USB_TESTS)
tests_hw_test_human_SOURCES = tests/hw/test-human.c
tests_hw_test_human_LDADD = libhw.a libcore.a $(CORE_LIBS)
