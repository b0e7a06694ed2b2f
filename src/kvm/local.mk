noinst_LIBRARIES += libkvm.a
libkvm_a_SOURCES = \
  src/kvm/kvm-cpu.c \
  src/kvm/kvm-dead.c \
  src/kvm/kvm-decode.c \
  src/kvm/kvm-doorbells.c \
  src/kvm/kvm-engine.c \
  src/kvm/kvm-exits.c \
  src/kvm/kvm-irqchip.c \
  src/kvm/kvm-memory.c \
  src/kvm/kvm-msr.c \
  src/kvm/kvm-points.c \
  src/kvm/kvm-private.h \
  src/kvm/kvm-probe.c \
  src/kvm/kvm-state.c \
  src/kvm/kvm-step.c \
  src/kvm/kvm-time.c \
  src/kvm/kvm.h
