noinst_LIBRARIES += libarch.a
libarch_a_CPPFLAGS = $(AM_CPPFLAGS)
libarch_a_SOURCES = \
  src/arch/x86/descriptors.c src/arch/x86/descriptors.h \
  src/arch/x86/features.c src/arch/x86/features.h src/arch/x86/kvmclock.c src/arch/x86/kvmclock.h \
  src/arch/x86/tsc.h \
  src/arch/x86/msr.c src/arch/x86/msr.h src/arch/x86/msr-list.h \
  src/arch/x86/page-tables.c src/arch/x86/page-tables.h \
  src/arch/x86/paging.c src/arch/x86/paging.h \
  src/arch/x86/place.c \
  src/arch/x86/registers.c src/arch/x86/registers.h src/arch/x86/registers-private.h \
  src/arch/x86/registers-control.c \
  src/arch/x86/segments.h \
  src/arch/x86/state.c src/arch/x86/state.h \
  src/arch/x86/walk-text.c src/arch/x86/walk-text.h
