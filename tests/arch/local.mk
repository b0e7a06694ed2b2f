check_PROGRAMS += tests/arch/test-state tests/arch/test-features tests/arch/test-paging
TESTS += tests/arch/test-state tests/arch/test-features tests/arch/test-paging

tests_arch_test_state_SOURCES = tests/arch/test-state.c
tests_arch_test_state_LDADD = libarch.a libcore.a $(CORE_LIBS)
tests_arch_test_features_SOURCES = tests/arch/test-features.c
tests_arch_test_features_LDADD = libarch.a libcore.a $(CORE_LIBS)
tests_arch_test_paging_SOURCES = tests/arch/test-paging.c
tests_arch_test_paging_LDADD = libarch.a libcore.a $(CORE_LIBS)

check_PROGRAMS += tests/arch/test-page-tables
tests_arch_test_page_tables_SOURCES = tests/arch/test-page-tables.c
tests_arch_test_page_tables_LDADD = libarch.a libcore.a $(CORE_LIBS)
TESTS += tests/arch/test-page-tables

check_PROGRAMS += tests/arch/test-registers
TESTS += tests/arch/test-registers
tests_arch_test_registers_SOURCES = tests/arch/test-registers.c
tests_arch_test_registers_LDADD = libarch.a libcore.a $(CORE_LIBS)

check_PROGRAMS += tests/arch/test-walk-text
TESTS += tests/arch/test-walk-text
tests_arch_test_walk_text_SOURCES = tests/arch/test-walk-text.c
tests_arch_test_walk_text_LDADD = libarch.a libcore.a $(CORE_LIBS)

check_PROGRAMS += tests/arch/test-descriptors
TESTS += tests/arch/test-descriptors
tests_arch_test_descriptors_SOURCES = tests/arch/test-descriptors.c
tests_arch_test_descriptors_LDADD = libarch.a libcore.a $(CORE_LIBS)

check_PROGRAMS += tests/arch/test-kvmclock
TESTS += tests/arch/test-kvmclock
tests_arch_test_kvmclock_SOURCES = tests/arch/test-kvmclock.c
tests_arch_test_kvmclock_LDADD = libarch.a libcore.a $(CORE_LIBS)
