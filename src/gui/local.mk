# The window.  All but main() is a library, so that tests can have it.
noinst_LIBRARIES += libgui.a
libgui_a_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS) -DSCHEMASDIR='"$(schemasdir)"'
libgui_a_SOURCES = \
  src/gui/command-line.c \
  src/gui/command-line.h \
  src/gui/console-page.c \
  src/gui/console-page.h \
  src/gui/console-view.c \
  src/gui/console-view.h \
  src/gui/console.c \
  src/gui/console.h \
  src/gui/disassembly-actions.c \
  src/gui/disassembly-arrows.c \
  src/gui/disassembly-arrows.h \
  src/gui/disassembly-gutter.c \
  src/gui/disassembly-gutter.h \
  src/gui/disassembly-heat.c \
  src/gui/disassembly-lines.c \
  src/gui/disassembly-lines.h \
  src/gui/disassembly-look.c \
  src/gui/disassembly-moving.c \
  src/gui/disassembly-private.h \
  src/gui/disassembly-sync.c \
  src/gui/disassembly-sync.h \
  src/gui/disassembly-view.c \
  src/gui/disassembly-view.h \
  src/gui/dock.c \
  src/gui/dock.h \
  src/gui/frames.c \
  src/gui/frames.h \
  src/gui/event-format.c \
  src/gui/event-format.h \
  src/gui/events-view.c \
  src/gui/events-view.h \
  src/gui/heat.c \
  src/gui/heat.h \
  src/gui/heat-grid.c \
  src/gui/heat-grid.h \
  src/gui/heat-view.c \
  src/gui/heat-view.h \
  src/gui/past.c \
  src/gui/past.h \
  src/gui/evdev-keys.c \
  src/gui/evdev-keys.h \
  src/gui/memory-actions.c \
  src/gui/memory-change.c \
  src/gui/memory-fetch.c \
  src/gui/memory-fetch.h \
  src/gui/memory-find.c \
  src/gui/memory-grid-accessible.c \
  src/gui/memory-grid-accessible.h \
  src/gui/memory-grid-input.c \
  src/gui/memory-grid-private.h \
  src/gui/memory-grid.c \
  src/gui/memory-grid.h \
  src/gui/memory-private.h \
  src/gui/memory-rows.c \
  src/gui/memory-rows.h \
  src/gui/machine-form.c \
  src/gui/machine-form.h \
  src/gui/memory-search.c \
  src/gui/memory-search.h \
  src/gui/memory-view.c \
  src/gui/memory-view.h \
  src/gui/moves.c \
  src/gui/moves.h \
  src/gui/notebook.c \
  src/gui/notebook.h \
  src/gui/new-machine.c \
  src/gui/new-machine.h \
  src/gui/panes.c \
  src/gui/register-format.c \
  src/gui/register-format.h \
  src/gui/registers-actions.c \
  src/gui/registers-private.h \
  src/gui/recent.c \
  src/gui/recent.h \
  src/gui/registers-view.c \
  src/gui/registers-view.h \
  src/gui/run-moves.c \
  src/gui/run-private.h \
  src/gui/run.c \
  src/gui/run.h \
  src/gui/screen-area.c \
  src/gui/screen-area.h \
  src/gui/screen-input.c \
  src/gui/screen-input.h \
  src/gui/screen-picture.c \
  src/gui/screen-picture.h \
  src/gui/screen-text.c \
  src/gui/screen-text.h \
  src/gui/screen-view.c \
  src/gui/screen-view.h \
  src/gui/settings.c \
  src/gui/settings.h \
  src/gui/source-area.c \
  src/gui/source-area.h \
  src/gui/source-look.c \
  src/gui/source-look.h \
  src/gui/source-text.c \
  src/gui/source-text.h \
  src/gui/source-view.c \
  src/gui/source-view.h \
  src/gui/stack-view.c \
  src/gui/stack-view.h \
  src/gui/stack-words.c \
  src/gui/stack-words.h \
  src/gui/start-page.c \
  src/gui/start-page.h \
  src/gui/start.c \
  src/gui/start.h \
  src/gui/timeline-accessible.c \
  src/gui/timeline-area-private.h \
  src/gui/timeline-area.c \
  src/gui/timeline-area.h \
  src/gui/timeline-draw.c \
  src/gui/timeline-events.c \
  src/gui/timeline-events.h \
  src/gui/timeline-picture.c \
  src/gui/timeline-picture.h \
  src/gui/timeline-scale.c \
  src/gui/timeline-scale.h \
  src/gui/timeline-view.c \
  src/gui/timeline-view.h \
  src/gui/rows.c \
  src/gui/rows.h \
  src/gui/point-form.c \
  src/gui/point-form.h \
  src/gui/breakpoint-form.c \
  src/gui/breakpoint-form.h \
  src/gui/bookmarks-view.c \
  src/gui/bookmarks-view.h \
  src/gui/breakpoints-view.c \
  src/gui/breakpoints-view.h \
  src/gui/paging-rows.c \
  src/gui/paging-rows.h \
  src/gui/paging-view.c \
  src/gui/paging-view.h \
  src/gui/device-rows.c \
  src/gui/device-rows.h \
  src/gui/devices-view.c \
  src/gui/devices-view.h \
  src/gui/segment-rows.c \
  src/gui/segment-rows.h \
  src/gui/segments-view.c \
  src/gui/segments-view.h \
  src/gui/memory-map.c \
  src/gui/memory-map.h \
  src/gui/memory-map-view.c \
  src/gui/memory-map-view.h \
  src/gui/view.c \
  src/gui/view.h \
  src/gui/main-window-actions.c \
  src/gui/main-window-engine.c \
  src/gui/main-window-files.c \
  src/gui/main-window-help.c \
  src/gui/main-window-private.h \
  src/gui/main-window-settings.c \
  src/gui/main-window.c \
  src/gui/main-window.h

# Templates and style, inside the program.
gui_resources = \
  src/gui/disassembly-view.ui \
  src/gui/help-overlay.ui \
  src/gui/bookmarks-view.ui \
  src/gui/new-machine.ui \
  src/gui/memory-view.ui \
  src/gui/registers-view.ui \
  src/gui/source-view.ui \
  src/gui/stack-view.ui \
  src/gui/screen-view.ui \
  src/gui/breakpoint-form.ui \
  src/gui/breakpoints-view.ui \
  src/gui/events-view.ui \
  src/gui/heat-view.ui \
  src/gui/start-page.ui \
  src/gui/paging-view.ui \
  src/gui/devices-view.ui \
  src/gui/segments-view.ui \
  src/gui/memory-map-view.ui \
  src/gui/style.css \
  src/gui/timeline-view.ui \
  src/gui/main-window.ui
gui_icons = data/icons/org.astern.Astern.svg data/icons/org.astern.Astern-symbolic.svg
# The demo guest's sources, so that they can be shown wherever the program is.
gui_demo_sources = data/demo/boot.S data/demo/console.c data/demo/entry.S data/demo/main.c data/demo/syscalls.c \
  data/demo/tasks.c data/demo/tern.h data/demo/traps.c data/demo/user-beacon.c data/demo/user-clock.c \
  data/demo/user-primes.c data/demo/user-tide.c data/demo/user.h
EXTRA_DIST += src/gui/astern.gresource.xml $(gui_resources)
src/gui/resources.c: $(top_srcdir)/src/gui/astern.gresource.xml $(addprefix $(top_srcdir)/,$(gui_resources) $(gui_icons) $(gui_demo_sources))
	$(AM_V_GEN)$(MKDIR_P) src/gui && $(GLIB_COMPILE_RESOURCES) --sourcedir=$(top_srcdir)/src/gui \
	  --sourcedir=$(top_srcdir)/data/icons --sourcedir=$(top_srcdir) --generate-source \
	  --c-name astern --target=$@ $(top_srcdir)/src/gui/astern.gresource.xml
CLEANFILES += src/gui/resources.c

bin_PROGRAMS += astern-gtk
astern_gtk_SOURCES = src/gui/main.c
nodist_astern_gtk_SOURCES = src/gui/resources.c
astern_gtk_CPPFLAGS = $(AM_CPPFLAGS) $(GUI_CFLAGS) -DBINDIR='"$(bindir)"'
astern_gtk_LDADD = libgui.a $(SESSION_LIBS) $(GUI_LIBS)
