noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
  src/core/address.h \
  src/core/bus.h \
  src/core/clock.h \
  src/core/cpu.h \
  src/core/device.h \
  src/core/events.h \
  src/core/fields.h \
  src/core/inputs.h \
  src/core/irq.h \
  src/core/machine.h \
  src/core/memory.h \
  src/core/moment.h
