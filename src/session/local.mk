# A run of a machine as its user has it: moves, the monitor, recording and replaying.
noinst_LIBRARIES += libsession.a
libsession_a_CPPFLAGS = $(AM_CPPFLAGS) $(READLINE_CFLAGS)
libsession_a_SOURCES = \
  src/session/bookmarks.c \
  src/session/bookmarks.h \
  src/session/clipboard.c \
  src/session/clipboard.h \
  src/session/complain.c \
  src/session/demo.c \
  src/session/demo.h \
  src/session/evaluate.c \
  src/session/evaluate.h \
  src/session/exit.h \
  src/session/monitor-arguments.c \
  src/session/monitor-board.c \
  src/session/monitor-balloon.c \
  src/session/monitor-drives.c \
  src/session/monitor-change.c \
  src/session/monitor-complete.c \
  src/session/monitor-complete.h \
  src/session/monitor-format.c \
  src/session/monitor-format.h \
  src/session/monitor-history.c \
  src/session/monitor-info.c \
  src/session/monitor-line.c \
  src/session/monitor-line.h \
  src/session/monitor-machine.c \
  src/session/monitor-manual.c \
  src/session/monitor-memory.c \
  src/session/monitor-moves.c \
  src/session/monitor-network.c \
  src/session/monitor-paging.c \
  src/session/monitor-points.c \
  src/session/monitor-private.h \
  src/session/monitor-session.c \
  src/session/monitor-symbols.c \
  src/session/monitor.c \
  src/session/monitor.h \
  src/session/point-parse.c \
  src/session/point-parse.h \
  src/session/point-text.c \
  src/session/point-text.h \
  src/session/record.c \
  src/session/record.h \
  src/session/remote.c \
  src/session/remote.h \
  src/session/registers.c \
  src/session/registers.h \
  src/session/replay.c \
  src/session/replay.h \
  src/session/save.c \
  src/session/save.h \
  src/session/session-gdb.c \
  src/session/session.c \
  src/session/session.h \
  src/session/walker.c \
  src/session/walker.h
