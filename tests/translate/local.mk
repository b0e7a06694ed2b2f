# check_PROGRAMS += tests/translate/test-NAME
# tests_translate_test_NAME_SOURCES = tests/translate/test-NAME.c
# TESTS += tests/translate/test-NAME

# Decoding and lifting.
check_PROGRAMS += tests/translate/test-decode
tests_translate_test_decode_SOURCES = tests/translate/test-decode.c
tests_translate_test_decode_CPPFLAGS = $(AM_CPPFLAGS) $(CAPSTONE_CFLAGS)
tests_translate_test_decode_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/translate/test-decode
