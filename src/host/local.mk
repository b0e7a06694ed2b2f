noinst_LIBRARIES += libhost.a
libhost_a_SOURCES = \
  src/host/chardev.c \
  src/host/chardev.h \
  src/host/chardev-spec.c \
  src/host/file.c \
  src/host/file.h \
  src/host/idle.c \
  src/host/idle.h \
  src/host/journal-file.c \
  src/host/journal-file.h \
  src/host/loop.c \
  src/host/loop.h \
  src/host/mux.c \
  src/host/mux.h \
  src/host/png.c \
  src/host/png.h \
  src/host/stopwatch.c \
  src/host/stopwatch.h \
  src/host/terminal.c \
  src/host/terminal.h
