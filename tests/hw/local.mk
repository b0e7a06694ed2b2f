# check_PROGRAMS += tests/hw/test-NAME
# tests_hw_test_NAME_SOURCES = tests/hw/test-NAME.c
# TESTS += tests/hw/test-NAME
