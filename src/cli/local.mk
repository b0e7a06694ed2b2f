# All but main() is a library, so that tests can have it.
noinst_LIBRARIES += libcli.a
libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(READLINE_CFLAGS)
libcli_a_SOURCES = \
  src/cli/commands.h \
  src/cli/complain.c \
  src/cli/info.c \
  src/cli/monitor-arguments.c \
  src/cli/monitor-board.c \
  src/cli/monitor-change.c \
  src/cli/monitor-complete.c \
  src/cli/monitor-complete.h \
  src/cli/monitor-format.c \
  src/cli/monitor-format.h \
  src/cli/monitor-history.c \
  src/cli/monitor-info.c \
  src/cli/monitor-line.c \
  src/cli/monitor-line.h \
  src/cli/monitor-machine.c \
  src/cli/monitor-manual.c \
  src/cli/monitor-memory.c \
  src/cli/monitor-moves.c \
  src/cli/monitor-paging.c \
  src/cli/monitor-points.c \
  src/cli/monitor-private.h \
  src/cli/monitor-session.c \
  src/cli/monitor-symbols.c \
  src/cli/monitor.c \
  src/cli/monitor.h \
  src/cli/query.c \
  src/cli/record.c \
  src/cli/record.h \
  src/cli/registers.c \
  src/cli/registers.h \
  src/cli/replay.c \
  src/cli/run.c \
  src/cli/session-gdb.c \
  src/cli/session.c \
  src/cli/session.h

bin_PROGRAMS += astern
astern_SOURCES = src/cli/main.c
astern_LDADD = libcli.a $(ASTERN_LIBS) $(READLINE_LIBS)
