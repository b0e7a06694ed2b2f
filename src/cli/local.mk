bin_PROGRAMS += astern
astern_SOURCES = \
  src/cli/commands.h \
  src/cli/main.c \
  src/cli/monitor.c \
  src/cli/monitor.h \
  src/cli/registers.c \
  src/cli/registers.h \
  src/cli/run.c \
  src/cli/session.c \
  src/cli/session.h
astern_LDADD = $(ASTERN_LIBS)
