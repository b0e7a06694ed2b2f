check_PROGRAMS += tests/gdbstub/test-wire
tests_gdbstub_test_wire_SOURCES = tests/gdbstub/test-wire.c
tests_gdbstub_test_wire_LDADD = libgdbstub.a $(CORE_LIBS)
TESTS += tests/gdbstub/test-wire

check_PROGRAMS += tests/gdbstub/test-agent
tests_gdbstub_test_agent_SOURCES = tests/gdbstub/test-agent.c
tests_gdbstub_test_agent_LDADD = libgdbstub.a $(CORE_LIBS)
TESTS += tests/gdbstub/test-agent

check_PROGRAMS += tests/gdbstub/test-packets
tests_gdbstub_test_packets_SOURCES = tests/gdbstub/test-packets.c tests/gdbstub/small-machine.c
tests_gdbstub_test_packets_LDADD = libgdbstub.a libtranslate.a libarch.a libcore.a $(CORE_LIBS) $(CAPSTONE_LIBS) $(MATH_LIBS)
TESTS += tests/gdbstub/test-packets

# The real gdb.
dist_gdb_tests = tests/gdbstub/demo-back.gdb tests/gdbstub/demo-forward.gdb tests/gdbstub/demo-states.gdb
TESTS += tests/gdbstub/test-gdb.sh
EXTRA_DIST += tests/gdbstub/test-gdb.sh $(dist_gdb_tests)

# GDB's own test suite, not part of `make check`, for it fetches GDB's sources:
#   make check-gdbsuite [GDBSUITE='gdb.base/break.exp ...']
EXTRA_DIST += \
  tests/gdbsuite/astern.exp \
  tests/gdbsuite/check-gdbsuite.sh \
  tests/gdbsuite/expected.txt \
  tests/gdbsuite/start.S
GDBSUITE_FOLDER = gdbsuite.cache
GDBSUITE =

.PHONY: check-gdbsuite
check-gdbsuite: astern
	@top_builddir='$(abs_top_builddir)' $(SHELL) $(top_srcdir)/tests/gdbsuite/check-gdbsuite.sh $(GDBSUITE_FOLDER) $(GDBSUITE)
