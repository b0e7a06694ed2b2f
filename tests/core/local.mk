# check_PROGRAMS += tests/core/test-NAME
# tests_core_test_NAME_SOURCES = tests/core/test-NAME.c
# TESTS += tests/core/test-NAME
