check_PROGRAMS += tests/host/vsock/test-vsock
tests_host_vsock_test_vsock_SOURCES = tests/host/vsock/test-vsock.c
tests_host_vsock_test_vsock_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/vsock/test-vsock
