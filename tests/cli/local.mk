check_PROGRAMS += tests/cli/test-astern
tests_cli_test_astern_SOURCES = tests/cli/test-astern.c
tests_cli_test_astern_LDADD = $(CORE_LIBS)
TESTS += tests/cli/test-astern

check_PROGRAMS += tests/cli/test-monitor
tests_cli_test_monitor_SOURCES = tests/cli/test-monitor.c
tests_cli_test_monitor_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
TESTS += tests/cli/test-monitor

check_PROGRAMS += tests/cli/test-monitor-line
tests_cli_test_monitor_line_SOURCES = tests/cli/test-monitor-line.c
tests_cli_test_monitor_line_LDADD = $(CORE_LIBS)
TESTS += tests/cli/test-monitor-line
