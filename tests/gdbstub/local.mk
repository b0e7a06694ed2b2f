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
