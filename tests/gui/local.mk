# The logic of the window's parts; the window itself is driven by driver.py.
check_PROGRAMS += tests/gui/test-register-format
tests_gui_test_register_format_SOURCES = tests/gui/test-register-format.c
tests_gui_test_register_format_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-register-format
check_PROGRAMS += tests/gui/test-point-form
TESTS += tests/gui/test-point-form
tests_gui_test_point_form_SOURCES = tests/gui/test-point-form.c
tests_gui_test_point_form_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_point_form_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
check_PROGRAMS += tests/gui/test-event-format
tests_gui_test_event_format_SOURCES = tests/gui/test-event-format.c
tests_gui_test_event_format_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_event_format_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-event-format
check_PROGRAMS += tests/gui/test-recent
tests_gui_test_recent_SOURCES = tests/gui/test-recent.c
tests_gui_test_recent_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-recent
check_PROGRAMS += tests/gui/test-timeline-scale
tests_gui_test_timeline_scale_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_timeline_scale_SOURCES = tests/gui/test-timeline-scale.c
tests_gui_test_timeline_scale_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-timeline-scale

check_PROGRAMS += tests/gui/test-new-machine
tests_gui_test_new_machine_SOURCES = tests/gui/test-new-machine.c
tests_gui_test_new_machine_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-new-machine
check_PROGRAMS += tests/gui/test-console
tests_gui_test_console_SOURCES = tests/gui/test-console.c
tests_gui_test_console_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_console_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-console
check_PROGRAMS += tests/gui/test-screen
tests_gui_test_screen_SOURCES = tests/gui/test-screen.c
tests_gui_test_screen_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_screen_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-screen

TESTS += tests/gui/test-window.sh
EXTRA_DIST += tests/gui/test-window.sh tests/gui/test-window.py tests/gui/xvfb.sh tests/gui/driver.py tests/gui/lsan.supp
clean-local: clean-shots
clean-shots:
	rm -rf tests/gui/shots
.PHONY: clean-shots
# As it is installed.
TESTS += tests/gui/check-install.sh
EXTRA_DIST += tests/gui/check-install.sh
check_PROGRAMS += tests/gui/test-memory-rows
tests_gui_test_memory_rows_SOURCES = tests/gui/test-memory-rows.c
tests_gui_test_memory_rows_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-memory-rows

check_PROGRAMS += tests/gui/test-memory-map
TESTS += tests/gui/test-memory-map
tests_gui_test_memory_map_SOURCES = tests/gui/test-memory-map.c
tests_gui_test_memory_map_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)

check_PROGRAMS += tests/gui/test-rows
TESTS += tests/gui/test-rows.sh
EXTRA_DIST += tests/gui/test-rows.sh
tests_gui_test_rows_SOURCES = tests/gui/test-rows.c
tests_gui_test_rows_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_rows_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)

check_PROGRAMS += tests/gui/test-memory-fetch
tests_gui_test_memory_fetch_SOURCES = tests/gui/test-memory-fetch.c
tests_gui_test_memory_fetch_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-memory-fetch

check_PROGRAMS += tests/gui/test-paging-rows
TESTS += tests/gui/test-paging-rows
tests_gui_test_paging_rows_SOURCES = tests/gui/test-paging-rows.c
tests_gui_test_paging_rows_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_paging_rows_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
check_PROGRAMS += tests/gui/test-source-text
tests_gui_test_source_text_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_source_text_SOURCES = tests/gui/test-source-text.c
tests_gui_test_source_text_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-source-text
check_PROGRAMS += tests/gui/test-timeline-picture
tests_gui_test_timeline_picture_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_timeline_picture_SOURCES = tests/gui/test-timeline-picture.c
tests_gui_test_timeline_picture_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-timeline-picture
check_PROGRAMS += tests/gui/test-disassembly-lines
tests_gui_test_disassembly_lines_SOURCES = tests/gui/test-disassembly-lines.c
tests_gui_test_disassembly_lines_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-disassembly-lines
check_PROGRAMS += tests/gui/test-memory-search
tests_gui_test_memory_search_SOURCES = tests/gui/test-memory-search.c
tests_gui_test_memory_search_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_memory_search_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
TESTS += tests/gui/test-memory-search

check_PROGRAMS += tests/gui/test-device-rows
TESTS += tests/gui/test-device-rows
tests_gui_test_device_rows_SOURCES = tests/gui/test-device-rows.c
tests_gui_test_device_rows_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS)
tests_gui_test_device_rows_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
