noinst_LIBRARIES += libtranslate.a
libtranslate_a_SOURCES =

# Vector and x87 instructions.
libtranslate_a_SOURCES += \
  src/translate/x86/decode-simd.c \
  src/translate/x86/decode-simd38.c \
  src/translate/x86/decode-simd3a.c \
  src/translate/x86/decode-x87.c \
  src/translate/x86/host-encode.c \
  src/translate/x86/host-encode.h \
  src/translate/x86/lift-host.c \
  src/translate/x86/lift-host.h \
  src/translate/x86/lift-x87.c \
  src/translate/x86/simd-rows.h
