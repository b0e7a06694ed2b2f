# check_PROGRAMS += tests/translate/test-NAME
# tests_translate_test_NAME_SOURCES = tests/translate/test-NAME.c
# TESTS += tests/translate/test-NAME
