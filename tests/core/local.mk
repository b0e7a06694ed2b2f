core_tests = \
  tests/core/test-bus \
  tests/core/test-clock \
  tests/core/test-device \
  tests/core/test-disk tests/core/test-disk-cache \
  tests/core/test-events \
  tests/core/test-expression \
  tests/core/test-fields \
  tests/core/test-inputs \
  tests/core/test-interval \
  tests/core/test-journal \
  tests/core/test-page-store \
  tests/core/test-machine \
  tests/core/test-memory \
  tests/core/test-moment \
  tests/core/test-places \
  tests/core/test-points \
  tests/core/test-snapshot \
  tests/core/test-symbols

check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

tests_core_test_bus_SOURCES = tests/core/test-bus.c
tests_core_test_bus_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_clock_SOURCES = tests/core/test-clock.c
tests_core_test_clock_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_device_SOURCES = tests/core/test-device.c
tests_core_test_device_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_disk_SOURCES = tests/core/test-disk.c
tests_core_test_disk_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_disk_cache_SOURCES = tests/core/test-disk-cache.c
tests_core_test_disk_cache_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_events_SOURCES = tests/core/test-events.c
tests_core_test_events_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_expression_SOURCES = tests/core/test-expression.c
tests_core_test_expression_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_fields_SOURCES = tests/core/test-fields.c
tests_core_test_fields_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_inputs_SOURCES = tests/core/test-inputs.c
tests_core_test_inputs_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_journal_SOURCES = tests/core/test-journal.c
tests_core_test_journal_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_page_store_SOURCES = tests/core/test-page-store.c
tests_core_test_page_store_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_interval_SOURCES = tests/core/test-interval.c
tests_core_test_interval_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_machine_SOURCES = tests/core/test-machine.c
tests_core_test_machine_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_memory_SOURCES = tests/core/test-memory.c
tests_core_test_memory_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_moment_SOURCES = tests/core/test-moment.c
tests_core_test_moment_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_places_SOURCES = tests/core/test-places.c
tests_core_test_places_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_points_SOURCES = tests/core/test-points.c
tests_core_test_points_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_snapshot_SOURCES = tests/core/test-snapshot.c
tests_core_test_snapshot_LDADD = libcore.a $(CORE_LIBS)
tests_core_test_symbols_SOURCES = tests/core/test-symbols.c
tests_core_test_symbols_LDADD = libcore.a $(CORE_LIBS)

check_PROGRAMS += tests/core/test-returns
tests_core_test_returns_SOURCES = tests/core/test-returns.c tests/gdbstub/small-machine.c
tests_core_test_returns_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/core/test-returns

check_PROGRAMS += tests/core/test-activity
tests_core_test_activity_SOURCES = tests/core/test-activity.c tests/gdbstub/small-machine.c
tests_core_test_activity_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/core/test-activity
