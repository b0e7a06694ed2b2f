check_PROGRAMS += tests/host/fs/test-fs-server
tests_host_fs_test_fs_server_SOURCES = tests/host/fs/test-fs-server.c tests/host/fs/remove-all.h
tests_host_fs_test_fs_server_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/fs/test-fs-server
