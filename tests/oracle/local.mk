# The host's CPU against the engine.  `make check` runs a fixed seed; by hand:
# tests/oracle/oracle --seconds 600, --help tells the rest.

check_PROGRAMS += tests/oracle/oracle
tests_oracle_oracle_SOURCES = \
  tests/oracle/case.h \
  tests/oracle/effects.c \
  tests/oracle/effects.h \
  tests/oracle/generate.c \
  tests/oracle/generate.h \
  tests/oracle/guest.c \
  tests/oracle/guest.h \
  tests/oracle/native.c \
  tests/oracle/native.h \
  tests/oracle/oracle.c
tests_oracle_oracle_CPPFLAGS = $(AM_CPPFLAGS) $(CAPSTONE_CFLAGS) -I$(top_srcdir)/tests/oracle
tests_oracle_oracle_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/oracle/oracle

# What the sequences leave out: state in memory, and what is computed by us.
check_PROGRAMS += tests/oracle/directed
tests_oracle_directed_SOURCES = \
  tests/oracle/case.h \
  tests/oracle/directed.c \
  tests/oracle/effects.c \
  tests/oracle/effects.h \
  tests/oracle/generate.c \
  tests/oracle/generate.h \
  tests/oracle/guest.c \
  tests/oracle/guest.h \
  tests/oracle/native.c \
  tests/oracle/native.h
tests_oracle_directed_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/oracle
tests_oracle_directed_LDADD = libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/oracle/directed
