noinst_LIBRARIES += libgdbstub.a
libgdbstub_a_SOURCES = \
  src/gdbstub/agent.c src/gdbstub/agent.h \
  src/gdbstub/gdbstub.h \
  src/gdbstub/gdbstub-private.h \
  src/gdbstub/lldb.c \
  src/gdbstub/memory.c \
  src/gdbstub/moves.c \
  src/gdbstub/points.c \
  src/gdbstub/queries.c \
  src/gdbstub/registers.c \
  src/gdbstub/server.c \
  src/gdbstub/target.c src/gdbstub/target.h \
  src/gdbstub/text.c src/gdbstub/text.h \
  src/gdbstub/threads.c \
  src/gdbstub/wire.c src/gdbstub/wire.h
