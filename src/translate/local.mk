noinst_LIBRARIES += libtranslate.a
libtranslate_a_CPPFLAGS = $(AM_CPPFLAGS) $(CAPSTONE_CFLAGS)
libtranslate_a_SOURCES = \
  src/translate/emit.h \
  src/translate/engine-private.h \
  src/translate/engine.c \
  src/translate/engine.h \
  src/translate/find-unit.c \
  src/translate/ir-interp.c \
  src/translate/ir-interp.h \
  src/translate/ir.c \
  src/translate/ir.h \
  src/translate/jumps.c src/translate/jumps.h \
  src/translate/points.c \
  src/translate/units.c \
  src/translate/units.h \
  src/translate/x86/cpu.h \
  src/translate/x86/flags.c \
  src/translate/x86/helpers.h \
  src/translate/x86/points.c \
  src/translate/x86/points.h \
  src/translate/x86/softmmu.c \
  src/translate/x86/softmmu.h

# Vector and x87 instructions.
libtranslate_a_SOURCES += \
  src/translate/x86/decode-simd.c \
  src/translate/x86/decode-simd38.c \
  src/translate/x86/decode-simd3a.c \
  src/translate/x86/decode-x87.c \
  src/translate/x86/help-fpu.h \
  src/translate/x86/help-vector.c \
  src/translate/x86/help-x87.c \
  src/translate/x86/help-x87-math.c \
  src/translate/x86/host-encode.c \
  src/translate/x86/host-encode.h \
  src/translate/x86/host-run.c \
  src/translate/x86/host-run.h \
  src/translate/x86/lift-host.c \
  src/translate/x86/lift-host.h \
  src/translate/x86/lift-x87.c \
  src/translate/x86/simd-rows.h

# Segments, exceptions, tasks, system registers, strings and the like, as C functions.
libtranslate_a_SOURCES += \
  src/translate/x86/help-debug.c \
  src/translate/x86/help-exception.c \
  src/translate/x86/help-far.c \
  src/translate/x86/help-flags.c \
  src/translate/x86/help-io.c \
  src/translate/x86/help-misc.c \
  src/translate/x86/help-msr.c \
  src/translate/x86/help-segment.c \
  src/translate/x86/help-smm.c \
  src/translate/x86/help-stack.c \
  src/translate/x86/help-string.c \
  src/translate/x86/help-syscall.c \
  src/translate/x86/help-system.c \
  src/translate/x86/help-task.c \
  src/translate/x86/help.h \
  src/translate/x86/helpers.c

# Integer, control-flow, string and system instructions.
libtranslate_a_SOURCES += \
  src/translate/x86/calls.c \
  src/translate/x86/decode-0f.c \
  src/translate/x86/decode-0f38.c \
  src/translate/x86/decode-0f3a.c \
  src/translate/x86/decode-onebyte.c \
  src/translate/x86/decode-tables.h \
  src/translate/x86/decode.c \
  src/translate/x86/decode.h \
  src/translate/x86/lift-alu.c \
  src/translate/x86/lift-bits.c \
  src/translate/x86/lift-branch.c \
  src/translate/x86/lift-int.h \
  src/translate/x86/lift-move.c \
  src/translate/x86/lift-operand.c \
  src/translate/x86/lift-stack.c \
  src/translate/x86/lift-string.c \
  src/translate/x86/lift-system.c \
  src/translate/x86/lift.c \
  src/translate/x86/lift.h

# The back end for this host.
if HOST_X86_64
libtranslate_a_SOURCES += \
  src/translate/x86-64/asm.h \
  src/translate/x86-64/code-buffer.c \
  src/translate/x86-64/code-buffer.h \
  src/translate/x86-64/emit-flags.c \
  src/translate/x86-64/emit-mem.c \
  src/translate/x86-64/emit-ops.c \
  src/translate/x86-64/emit-private.h \
  src/translate/x86-64/emit-values.c \
  src/translate/x86-64/emit.c \
  src/translate/x86-64/support.c \
  src/translate/x86-64/thunks.c
else
libtranslate_a_SOURCES += src/translate/emit-none.c
endif
EXTRA_DIST += src/translate/emit-none.c
