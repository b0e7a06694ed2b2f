noinst_LIBRARIES += libtranslate.a
libtranslate_a_SOURCES =
