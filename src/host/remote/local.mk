# Servers of the screen for people who are somewhere else.
AM_CPPFLAGS += $(VNC_CFLAGS) $(SPICE_CFLAGS)
libhost_a_SOURCES += \
  src/host/remote/keysyms.c src/host/remote/keysyms.h \
  src/host/remote/remote.c src/host/remote/remote.h \
  src/host/remote/spice.c src/host/remote/spice.h \
  src/host/remote/vnc.c src/host/remote/vnc.h
