noinst_LIBRARIES += libarch.a
libarch_a_SOURCES = \
  src/arch/x86/state.h
