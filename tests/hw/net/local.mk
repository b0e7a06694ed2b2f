NET_CARD_TESTS = \
  tests/hw/net/test-e1000 \
  tests/hw/net/test-offload \
  tests/hw/net/test-old-cards
check_PROGRAMS += $(NET_CARD_TESTS)
TESTS += $(NET_CARD_TESTS)
tests_hw_net_test_e1000_SOURCES = tests/hw/net/test-e1000.c tests/hw/net/nic-bench.h
tests_hw_net_test_e1000_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_net_test_offload_SOURCES = tests/hw/net/test-offload.c
tests_hw_net_test_offload_LDADD = libhw.a libcore.a $(CORE_LIBS)
tests_hw_net_test_old_cards_SOURCES = tests/hw/net/test-old-cards.c tests/hw/net/nic-bench.h
tests_hw_net_test_old_cards_LDADD = libhw.a libcore.a $(CORE_LIBS)
