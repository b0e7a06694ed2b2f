check_PROGRAMS += tests/session/test-monitor
tests_session_test_monitor_SOURCES = tests/session/test-monitor.c
tests_session_test_monitor_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-monitor

check_PROGRAMS += tests/session/test-monitor-debug
tests_session_test_monitor_debug_SOURCES = tests/session/test-monitor-debug.c tests/session/debug-fixture.h
tests_session_test_monitor_debug_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-monitor-debug

check_PROGRAMS += tests/session/test-monitor-points
tests_session_test_monitor_points_SOURCES = tests/session/test-monitor-points.c tests/session/debug-fixture.h
tests_session_test_monitor_points_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-monitor-points

check_PROGRAMS += tests/session/test-monitor-line
tests_session_test_monitor_line_SOURCES = tests/session/test-monitor-line.c
tests_session_test_monitor_line_LDADD = $(CORE_LIBS)
TESTS += tests/session/test-monitor-line

check_PROGRAMS += tests/session/test-monitor-console
tests_session_test_monitor_console_SOURCES = tests/session/test-monitor-console.c
tests_session_test_monitor_console_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-monitor-console

# doc/monitor.md comes from the table; `make update-monitor-doc` writes it.
check_PROGRAMS += tests/session/monitor-doc
tests_session_monitor_doc_SOURCES = tests/session/monitor-doc.c
tests_session_monitor_doc_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-monitor-doc.sh
EXTRA_DIST += tests/session/test-monitor-doc.sh tests/session/lsan.supp

.PHONY: update-monitor-doc
update-monitor-doc: tests/session/monitor-doc
	tests/session/monitor-doc >$(top_srcdir)/doc/monitor.md

check_PROGRAMS += tests/session/test-save
tests_session_test_save_SOURCES = tests/session/test-save.c
tests_session_test_save_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-save

check_PROGRAMS += tests/session/test-state
tests_session_test_state_SOURCES = tests/session/test-state.c
tests_session_test_state_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-state

check_PROGRAMS += tests/session/test-bookmarks
tests_session_test_bookmarks_SOURCES = tests/session/test-bookmarks.c tests/session/debug-fixture.h
tests_session_test_bookmarks_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-bookmarks

# What people see and do from elsewhere; by the real clients' libraries.
check_PROGRAMS += tests/session/test-remote
tests_session_test_remote_SOURCES = tests/session/test-remote.c tests/session/remote-machine.h tests/session/spice-viewer.h
tests_session_test_remote_CPPFLAGS = $(AM_CPPFLAGS) $(VNC_CLIENT_CFLAGS) $(SPICE_CLIENT_CFLAGS) $(PNG_CFLAGS) -I$(top_srcdir)/tests
tests_session_test_remote_LDADD = $(CORE_LIBS) $(VNC_CLIENT_LIBS) $(SPICE_CLIENT_LIBS) $(PNG_LIBS)
TESTS += tests/session/test-remote

check_PROGRAMS += tests/session/test-spice
tests_session_test_spice_SOURCES = tests/session/test-spice.c tests/session/remote-machine.h tests/session/spice-viewer.h
tests_session_test_spice_CPPFLAGS = $(tests_session_test_remote_CPPFLAGS)
tests_session_test_spice_LDADD = $(tests_session_test_remote_LDADD)
TESTS += tests/session/test-spice

check_PROGRAMS += tests/session/test-hot-plug
tests_session_test_hot_plug_SOURCES = tests/session/test-hot-plug.c
tests_session_test_hot_plug_LDADD = $(SESSION_LIBS)
TESTS += tests/session/test-hot-plug
