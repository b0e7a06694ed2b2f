# What is installed beside the program, and the demo guest: a kernel of its own,
# compiled without any of the host's headers, libraries or sanitizers.

demo_sources = \
  data/demo/boot.S \
  data/demo/console.c \
  data/demo/entry.S \
  data/demo/main.c \
  data/demo/syscalls.c \
  data/demo/tasks.c \
  data/demo/traps.c \
  data/demo/user-beacon.c \
  data/demo/user-clock.c \
  data/demo/user-primes.c \
  data/demo/user-tide.c
demo_headers = data/demo/tern.h data/demo/user.h
demo_objects_s = $(demo_sources:.S=.o)
demo_objects = $(demo_objects_s:.c=.o)

EXTRA_DIST += data/demo/README data/demo/tern.ld $(demo_sources) $(demo_headers)
MOSTLYCLEANFILES += $(demo_objects)
CLEANFILES += data/demo/tern.elf data/demo/tern.img data/demo/tern.debug

# No SSE and no red zone: the kernel saves neither.  -O1 keeps it readable in a debugger.
DEMO_CFLAGS = -std=gnu11 -O1 -g -gdwarf-4 -ffreestanding -fno-builtin \
  -mno-red-zone -mgeneral-regs-only -fno-pic -fno-pie \
  -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  -ffile-prefix-map=$(top_srcdir)/= -fdebug-prefix-map=$(abs_builddir)=. $(WARN_CFLAGS)
DEMO_LINK = -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096

data/demo/%.o: $(top_srcdir)/data/demo/%.c $(addprefix $(top_srcdir)/,$(demo_headers))
	$(AM_V_at)$(MKDIR_P) data/demo
	$(AM_V_CC)$(DEMO_CC) $(DEMO_CFLAGS) -c -o $@ $<

data/demo/%.o: $(top_srcdir)/data/demo/%.S
	$(AM_V_at)$(MKDIR_P) data/demo
	$(AM_V_CPPAS)$(DEMO_CC) $(DEMO_CFLAGS) -c -o $@ $<

data/demo/tern.elf: $(demo_objects) $(top_srcdir)/data/demo/tern.ld
	$(AM_V_CCLD)$(DEMO_CC) $(DEMO_LINK) -Wl,-T,$(top_srcdir)/data/demo/tern.ld -o $@ $(demo_objects)

# Multiboot loaders take ELF32.  The addresses fit, and the symbols stay.
data/demo/tern.img: data/demo/tern.elf
	$(AM_V_GEN)$(OBJCOPY) -O elf32-i386 --strip-debug data/demo/tern.elf $@

# What a debugger wants to know of it.
data/demo/tern.debug: data/demo/tern.elf
	$(AM_V_GEN)$(OBJCOPY) --only-keep-debug --compress-debug-sections=zlib data/demo/tern.elf $@

# The program has both inside.
liblaunch_a_SOURCES += src/launch/demo-image.S src/launch/demo-image.h
src/launch/liblaunch_a-demo-image.o src/launch/demo-image.o: data/demo/tern.img data/demo/tern.debug

all-local: data/demo/tern.elf data/demo/tern.img data/demo/tern.debug

dist_man_MANS = data/man/astern.1 data/man/astern-gtk.1

# ---- the desktop ----

# Translations are merged in here.
data/%.desktop: $(top_srcdir)/data/%.desktop.in $(top_srcdir)/po/LINGUAS $(wildcard $(top_srcdir)/po/*.po)
	$(AM_V_GEN)$(MKDIR_P) data && $(MSGFMT) --desktop --template=$< -d $(top_srcdir)/po -o $@

data/%.metainfo.xml: $(top_srcdir)/data/%.metainfo.xml.in $(top_srcdir)/po/LINGUAS $(wildcard $(top_srcdir)/po/*.po)
	$(AM_V_GEN)$(MKDIR_P) data && $(MSGFMT) --xml --template=$< -d $(top_srcdir)/po -o $@

desktopdir = $(datadir)/applications
desktop_DATA = data/org.astern.Astern.desktop
metainfodir = $(datadir)/metainfo
metainfo_DATA = data/org.astern.Astern.metainfo.xml
CLEANFILES += $(desktop_DATA) $(metainfo_DATA)

mimedir = $(datadir)/mime/packages
mime_DATA = data/mime/org.astern.Astern.xml
data/mime/org.astern.Astern.xml: $(top_srcdir)/data/org.astern.Astern-mime.xml
	$(AM_V_GEN)$(MKDIR_P) data/mime && cp $< $@
CLEANFILES += $(mime_DATA)

iconsdir = $(datadir)/icons/hicolor/scalable/apps
dist_icons_DATA = data/icons/org.astern.Astern.svg
symbolicdir = $(datadir)/icons/hicolor/symbolic/apps
dist_symbolic_DATA = data/icons/org.astern.Astern-symbolic.svg

schemasdir = $(datadir)/glib-2.0/schemas
dist_schemas_DATA = data/org.astern.Astern.gschema.xml
# For the program in the build tree.
data/gschemas.compiled: $(top_srcdir)/data/org.astern.Astern.gschema.xml
	$(AM_V_GEN)$(MKDIR_P) data && $(GLIB_COMPILE_SCHEMAS) --strict --targetdir=data $(top_srcdir)/data
all-local: $(desktop_DATA) $(metainfo_DATA) data/gschemas.compiled
CLEANFILES += data/gschemas.compiled

EXTRA_DIST += data/org.astern.Astern.desktop.in data/org.astern.Astern.metainfo.xml.in data/org.astern.Astern-mime.xml \
  data/update-caches.sh

# Who builds a package does this when it is installed.
install-data-hook:
	@test -n "$(DESTDIR)" || $(SHELL) $(top_srcdir)/data/update-caches.sh "$(datadir)"
uninstall-hook:
	@test -n "$(DESTDIR)" || $(SHELL) $(top_srcdir)/data/update-caches.sh "$(datadir)"
