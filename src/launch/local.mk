noinst_LIBRARIES += liblaunch.a
liblaunch_a_CPPFLAGS = $(AM_CPPFLAGS) $(LIBELF_CFLAGS)
liblaunch_a_SOURCES = \
  src/launch/bytes.h \
  src/launch/disassemble.c \
  src/launch/disassemble.h \
  src/launch/elf.c \
  src/launch/elf.h \
  src/launch/ends.c \
  src/launch/ends.h \
  src/launch/gdb-end.c \
  src/launch/gdb-end.h \
  src/launch/image.c \
  src/launch/image.h \
  src/launch/kallsyms.c \
  src/launch/kallsyms.h \
  src/launch/keys.c \
  src/launch/keys.h \
  src/launch/launch.c \
  src/launch/launch.h \
  src/launch/load.c \
  src/launch/load-linux.c \
  src/launch/load-multiboot.c \
  src/launch/load-pvh.c \
  src/launch/option-gdb.c \
  src/launch/option-parsers.c \
  src/launch/option-parsers.h \
  src/launch/options.c \
  src/launch/options.h \
  src/launch/recorded.c \
  src/launch/recorded.h \
  src/launch/sources.c \
  src/launch/sources.h \
  src/launch/suboptions.c \
  src/launch/suboptions.h \
  src/launch/symbols-elf.c \
  src/launch/symbols-elf.h \
  src/launch/symbols-kallsyms.c \
  src/launch/symbols-kallsyms.h
