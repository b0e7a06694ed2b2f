noinst_LIBRARIES += libtrace.a
libtrace_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(ZSTD_CFLAGS) $(NETTLE_CFLAGS)
libtrace_a_SOURCES = \
  src/trace/copy.c \
  src/trace/dirty.c src/trace/dirty.h \
  src/trace/journal-reader.c src/trace/journal-reader.h \
  src/trace/query.c \
  src/trace/recorder.c src/trace/recorder.h \
  src/trace/recording.c src/trace/recording.h \
  src/trace/recording-private.h \
  src/trace/saved.c src/trace/saved.h \
  src/trace/state.c src/trace/state.h \
  src/trace/store.c src/trace/store.h \
  src/trace/verifier.c src/trace/verifier.h \
  src/trace/writer.c src/trace/writer.h
nodist_libtrace_a_SOURCES = src/trace/schema.c

# The schema is in the program word by word.
EXTRA_DIST += src/trace/schema.sql
CLEANFILES += src/trace/schema.c
src/trace/schema.c: $(top_srcdir)/src/trace/schema.sql
	$(AM_V_at)$(MKDIR_P) src/trace
	$(AM_V_GEN){ echo '#include "config.h"' && echo '#include "trace/store.h"' && \
	  echo 'const char astern_trace_store_schema[] =' && \
	  $(SED) -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $(top_srcdir)/src/trace/schema.sql && \
	  echo ';'; } > $@.new && mv $@.new $@
