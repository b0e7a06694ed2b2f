NET_CARD_TESTS = \
  tests/hw/net/test-offload
check_PROGRAMS += $(NET_CARD_TESTS)
TESTS += $(NET_CARD_TESTS)
tests_hw_net_test_offload_SOURCES = tests/hw/net/test-offload.c
tests_hw_net_test_offload_LDADD = libhw.a libcore.a $(CORE_LIBS)
