/* emit-none.c - for hosts without a back end: everything is interpreted. */
#include "config.h"

#include "translate/emit.h"

gboolean
emitter_available (void)
{
  return FALSE;
}

XlateEmitter *
emitter_new (gsize code_bytes G_GNUC_UNUSED, const char *perf_map G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

void
emitter_free (XlateEmitter *emitter G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

void
emitter_clear (XlateEmitter *emitter G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

gboolean
emitter_emit (XlateEmitter *emitter G_GNUC_UNUSED, XlateUnit *unit G_GNUC_UNUSED, const IrBlock *block G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

XlateLink *
emitter_run (XlateEmitter *emitter G_GNUC_UNUSED, X86Cpu *cpu G_GNUC_UNUSED, XlateUnit *unit G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

void
emitter_thread_changed (XlateEmitter *emitter G_GNUC_UNUSED)
{
}

void
emit_link (XlateLink *link G_GNUC_UNUSED, XlateUnit *to G_GNUC_UNUSED, gboolean same_page G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

void
emit_unlink (XlateUnit *unit G_GNUC_UNUSED)
{
}
