libhost_a_SOURCES += \
  src/host/fs/fids.c src/host/fs/fids.h \
  src/host/fs/fs.c src/host/fs/fs.h \
  src/host/fs/p9.c src/host/fs/p9.h \
  src/host/fs/server.c src/host/fs/server.h src/host/fs/server-private.h \
  src/host/fs/server-attributes.c \
  src/host/fs/server-files.c \
  src/host/fs/server-locks.c \
  src/host/fs/server-names.c \
  src/host/fs/tree.c src/host/fs/tree.h src/host/fs/tree-private.h \
  src/host/fs/tree-xattr.c
