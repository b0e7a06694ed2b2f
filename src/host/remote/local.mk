# Servers of the screen for people who are somewhere else.
AM_CPPFLAGS += $(VNC_CFLAGS) $(SPICE_CFLAGS)
libhost_a_SOURCES += \
  src/host/remote/agent.c src/host/remote/agent.h \
  src/host/remote/keysyms.c src/host/remote/keysyms.h \
  src/host/remote/remote.c src/host/remote/remote.h \
  src/host/remote/spice.c src/host/remote/spice.h \
  src/host/remote/spice-inputs.c \
  src/host/remote/spice-lines.c \
  src/host/remote/spice-loop.c \
  src/host/remote/spice-private.h \
  src/host/remote/spice-screen.c \
  src/host/remote/spice-sounds.c \
  src/host/remote/spice-spec.c \
  src/host/remote/vnc.c src/host/remote/vnc.h \
  src/host/remote/vnc-private.h \
  src/host/remote/vnc-screen.c
