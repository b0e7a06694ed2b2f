# All but main() is a library, so that tests can have it.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
  src/cli/commands.h \
  src/cli/gui.c \
  src/cli/img.c \
  src/cli/img.h \
  src/cli/img-commit.c \
  src/cli/img-convert.c \
  src/cli/img-create.c \
  src/cli/img-info.c \
  src/cli/img-snapshot.c \
  src/cli/info.c \
  src/cli/json.c \
  src/cli/json.h \
  src/cli/query.c \
  src/cli/replay.c \
  src/cli/run.c

bin_PROGRAMS += astern
astern_SOURCES = src/cli/main.c
astern_LDADD = libcli.a $(SESSION_LIBS)
