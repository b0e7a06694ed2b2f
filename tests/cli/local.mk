check_PROGRAMS += tests/cli/test-astern
tests_cli_test_astern_SOURCES = tests/cli/test-astern.c
tests_cli_test_astern_LDADD = $(CORE_LIBS)
TESTS += tests/cli/test-astern

TESTS += tests/cli/test-img.sh
EXTRA_DIST += tests/cli/test-img.sh
