check_PROGRAMS += tests/cli/test-astern
tests_cli_test_astern_SOURCES = tests/cli/test-astern.c
tests_cli_test_astern_LDADD = $(CORE_LIBS)
TESTS += tests/cli/test-astern

check_PROGRAMS += tests/cli/test-monitor
tests_cli_test_monitor_SOURCES = tests/cli/test-monitor.c
tests_cli_test_monitor_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
TESTS += tests/cli/test-monitor

check_PROGRAMS += tests/cli/test-monitor-debug
tests_cli_test_monitor_debug_SOURCES = tests/cli/test-monitor-debug.c tests/cli/debug-fixture.h
tests_cli_test_monitor_debug_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
TESTS += tests/cli/test-monitor-debug

check_PROGRAMS += tests/cli/test-monitor-points
tests_cli_test_monitor_points_SOURCES = tests/cli/test-monitor-points.c tests/cli/debug-fixture.h
tests_cli_test_monitor_points_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
TESTS += tests/cli/test-monitor-points

check_PROGRAMS += tests/cli/test-monitor-line
tests_cli_test_monitor_line_SOURCES = tests/cli/test-monitor-line.c
tests_cli_test_monitor_line_LDADD = $(CORE_LIBS)
TESTS += tests/cli/test-monitor-line

# doc/monitor.md comes from the table; `make update-monitor-doc` writes it.
check_PROGRAMS += tests/cli/monitor-doc
tests_cli_monitor_doc_SOURCES = tests/cli/monitor-doc.c
tests_cli_monitor_doc_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
TESTS += tests/cli/test-monitor-doc.sh
EXTRA_DIST += tests/cli/test-monitor-doc.sh

.PHONY: update-monitor-doc
update-monitor-doc: tests/cli/monitor-doc
	tests/cli/monitor-doc >$(top_srcdir)/doc/monitor.md
