# All but main() is a library, so that tests can have it.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
  src/cli/commands.h \
  src/cli/gui.c \
  src/cli/info.c \
  src/cli/query.c \
  src/cli/replay.c \
  src/cli/run.c

bin_PROGRAMS += astern
astern_SOURCES = src/cli/main.c
astern_LDADD = libcli.a $(SESSION_LIBS)
