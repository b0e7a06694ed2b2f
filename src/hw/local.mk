noinst_LIBRARIES += libhw.a
libhw_a_SOURCES =
