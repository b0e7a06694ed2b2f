# check_PROGRAMS += tests/host/test-NAME
# tests_host_test_NAME_SOURCES = tests/host/test-NAME.c
# TESTS += tests/host/test-NAME
