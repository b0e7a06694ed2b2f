# check_PROGRAMS += tests/cli/test-NAME
# tests_cli_test_NAME_SOURCES = tests/cli/test-NAME.c
# TESTS += tests/cli/test-NAME
