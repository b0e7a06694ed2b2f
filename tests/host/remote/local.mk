check_PROGRAMS += tests/host/remote/test-agent
tests_host_remote_test_agent_SOURCES = tests/host/remote/test-agent.c
tests_host_remote_test_agent_LDADD = libhost.a libcore.a $(CORE_LIBS)
TESTS += tests/host/remote/test-agent
