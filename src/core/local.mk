noinst_LIBRARIES += libcore.a

libcore_a_CPPFLAGS = $(AM_CPPFLAGS)
libcore_a_SOURCES = \
  src/core/activity.c src/core/activity.h \
  src/core/address.h \
  src/core/bus.c src/core/bus.h src/core/bytes.h \
  src/core/clock.c src/core/clock.h \
  src/core/cpu.c src/core/cpu.h \
  src/core/cursor.c \
  src/core/cursor.h \
  src/core/debugger.c src/core/debugger.h src/core/debugger-private.h src/core/debugger-moves.c src/core/debugger-back.c \
  src/core/debugger-count.c src/core/debugger-set.c src/core/debugger-shift.c src/core/debugger-trace.c src/core/debugger-trace.h \
  src/core/device.c src/core/device.h \
  src/core/disk.c src/core/disk.h src/core/disk-private.h src/core/disk-pages.c src/core/disk-out.c src/core/disk-saved.c \
  src/core/events.c src/core/events.h \
  src/core/expression.c src/core/expression.h src/core/expression-private.h \
  src/core/expression-lex.c src/core/expression-compile.c \
  src/core/fields.c src/core/fields.h \
  src/core/inputs.c src/core/inputs.h \
  src/core/futures.c src/core/futures.h \
  src/core/journal.c src/core/journal.h \
  src/core/interval.c src/core/interval.h \
  src/core/page-store.c src/core/page-store.h \
  src/core/irq.h src/core/irqchip.h \
  src/core/link.c src/core/link.h \
  src/core/machine.c src/core/machine.h \
  src/core/memory.c src/core/memory.h \
  src/core/moment.c src/core/moment.h \
  src/core/picture.h \
  src/core/places.c src/core/places.h \
  src/core/points.c src/core/points.h \
  src/core/snapshot.c src/core/snapshot.h \
  src/core/sound.h \
  src/core/symbols.c src/core/symbols.h \
  src/core/timeline.c src/core/timeline.h

EXTRA_DIST += src/core/thread-sanitizer.c
if WITH_TSAN
libcore_a_SOURCES += src/core/thread-sanitizer.c
endif
