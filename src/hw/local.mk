noinst_LIBRARIES += libhw.a

libhw_a_CPPFLAGS = $(AM_CPPFLAGS)
libhw_a_SOURCES = \
  src/hw/classes.c \
  src/hw/mc146818rtc.c src/hw/mc146818rtc.h \
  src/hw/pic8259.c src/hw/pic8259.h \
  src/hw/pit8254.c src/hw/pit8254.h \
  src/hw/rate.h
