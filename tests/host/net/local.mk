check_PROGRAMS += tests/host/net/test-net
tests_host_net_test_net_SOURCES = tests/host/net/test-net.c
tests_host_net_test_net_LDADD = libhost.a libcore.a $(CORE_LIBS) $(SLIRP_LIBS)
TESTS += tests/host/net/test-net
