check_PROGRAMS += tests/host/test-chardev
tests_host_test_chardev_SOURCES = tests/host/test-chardev.c
tests_host_test_chardev_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-chardev

check_PROGRAMS += tests/host/test-idle
tests_host_test_idle_SOURCES = tests/host/test-idle.c
tests_host_test_idle_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-idle
check_PROGRAMS += tests/host/test-journal-file
tests_host_test_journal_file_SOURCES = tests/host/test-journal-file.c
tests_host_test_journal_file_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-journal-file

check_PROGRAMS += tests/host/test-mux
tests_host_test_mux_SOURCES = tests/host/test-mux.c
tests_host_test_mux_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-mux

check_PROGRAMS += tests/host/test-png
tests_host_test_png_SOURCES = tests/host/test-png.c
tests_host_test_png_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-png

check_PROGRAMS += tests/host/test-terminal
tests_host_test_terminal_SOURCES = tests/host/test-terminal.c
tests_host_test_terminal_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/test-terminal
