trace_tests = \
  tests/trace/test-query \
  tests/trace/test-recorder \
  tests/trace/test-recording

check_PROGRAMS += $(trace_tests)
TESTS += $(trace_tests)

TRACE_TEST_LIBS = libtrace.a libarch.a libcore.a $(CORE_LIBS) $(SQLITE_LIBS) $(ZSTD_LIBS) $(NETTLE_LIBS) $(MATH_LIBS)
tests_trace_test_query_SOURCES = tests/trace/test-query.c
tests_trace_test_query_LDADD = $(TRACE_TEST_LIBS)
tests_trace_test_recorder_SOURCES = tests/trace/test-recorder.c
tests_trace_test_recorder_LDADD = $(TRACE_TEST_LIBS)
tests_trace_test_recording_SOURCES = tests/trace/test-recording.c
tests_trace_test_recording_LDADD = $(TRACE_TEST_LIBS)
