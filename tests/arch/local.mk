# check_PROGRAMS += tests/arch/test-NAME
# tests_arch_test_NAME_SOURCES = tests/arch/test-NAME.c
# TESTS += tests/arch/test-NAME
