# check_PROGRAMS += tests/launch/test-NAME
# tests_launch_test_NAME_SOURCES = tests/launch/test-NAME.c
# TESTS += tests/launch/test-NAME
