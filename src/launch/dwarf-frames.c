/* dwarf-frames.c - from a frame to its caller by call frame information; see debug-info.h.
 * Source: DWARF 5, section 6.4; the tables are read by libdw. */
#include "config.h"

#include "launch/dwarf-private.h"

#include <stdlib.h>

static Dwarf_Frame *
find_rules (DwarfFile *file, Dwarf_Addr pc)
{
  Dwarf_Frame *frame = NULL;

  if (!file->looked_for_cfi)
    {
      file->cfi[0] = dwarf_getcfi (file->dwarf);
      file->cfi[1] = dwarf_getcfi_elf (file->elf);
      file->looked_for_cfi = TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (file->cfi); i++)
    if (file->cfi[i] != NULL && dwarf_cfi_addrframe (file->cfi[i], pc, &frame) == 0)
      return frame;
  return NULL;
}

static gboolean
compute_cfa (DwarfContext *context, Dwarf_Frame *rules, guint64 *cfa)
{
  Dwarf_Op *ops;
  size_t n;
  gboolean is_value;

  return dwarf_frame_cfa (rules, &ops, &n) == 0 && n > 0 && astern_dwarf_compute (context, ops, n, NULL, cfa, &is_value);
}

gboolean
astern_dwarf_cfa (DwarfContext *context, guint64 *cfa)
{
  Dwarf_Frame *rules = find_rules (context->file, context->pc);

  if (rules != NULL)
    context->has_cfa = compute_cfa (context, rules, cfa);
  free (rules);
  return context->has_cfa;
}

/* A register of the caller.  FALSE: not known. */
static gboolean
restore (DwarfContext *context, Dwarf_Frame *rules, guint regno, guint64 *value, gboolean *failed)
{
  Dwarf_Op space[3], *ops;
  size_t n;
  gboolean is_value;
  gsize size = context->file->machine == EM_386 ? 4 : 8;
  guint64 place;

  if (dwarf_frame_register (rules, (int) regno, space, &ops, &n) != 0)
    return FALSE;
  if (n == 0)
    return ops == NULL && astern_dwarf_register (context, regno, value);     /* the same; or undefined */
  context->failed = 0;
  *failed = TRUE;
  if (!astern_dwarf_compute (context, ops, n, NULL, &place, &is_value))
    return FALSE;
  *value = place;
  if (!is_value)
    {
      *value = 0;
      context->failed = place;
      if (context->memory->read (context->memory->user, place, value, size) != size)
        return FALSE;
    }
  *failed = FALSE;
  return TRUE;
}

static AsternCfi
unwind (DwarfContext *context, Dwarf_Frame *rules, AsternFrameRegisters *caller)
{
  guint n = context->file->machine == EM_386 ? 9 : 17;
  bool signal = FALSE;
  int return_register = dwarf_frame_info (rules, NULL, NULL, &signal);
  gboolean failed = FALSE;
  guint64 value;

  if (!compute_cfa (context, rules, &context->cfa))
    return context->failed != 0 ? ASTERN_CFI_UNREADABLE : ASTERN_CFI_NONE;
  context->has_cfa = TRUE;
  *caller = (AsternFrameRegisters) { .exact = signal };
  /* The return address first: without it there is no caller. */
  if (return_register < 0 || !restore (context, rules, return_register, &value, &failed))
    return failed ? ASTERN_CFI_UNREADABLE : ASTERN_CFI_OUTERMOST;
  caller->registers[ASTERN_FRAME_PC] = value;
  caller->known |= 1u << ASTERN_FRAME_PC;
  for (guint regno = 0; regno < n; regno++)
    {
      gint index = astern_dwarf_register_index (context->file, regno);

      if (index < 0 || (int) regno == return_register || !restore (context, rules, regno, &value, &failed))
        continue;
      caller->registers[index] = value;
      caller->known |= 1u << index;
    }
  return ASTERN_CFI_DONE;
}

AsternCfi
astern_debug_info_unwind (AsternDebugInfo *info, const AsternFrameRegisters *frame, const AsternFrameMemory *memory,
                          AsternFrameRegisters *caller, guint64 *failed)
{
  guint64 address = frame->registers[ASTERN_FRAME_PC] - (frame->exact ? 0 : 1);
  DwarfContext context = { .frame = frame, .memory = memory };
  Dwarf_Frame *rules = NULL;
  AsternCfi result = ASTERN_CFI_NONE;

  g_mutex_lock (&info->mutex);
  for (guint i = info->files->len; i-- > 0 && rules == NULL;)
    {
      context.file = g_ptr_array_index (info->files, i);
      context.pc = address - context.file->slide;
      rules = find_rules (context.file, context.pc);
    }
  if (rules != NULL)
    result = unwind (&context, rules, caller);
  *failed = context.failed;
  free (rules);
  g_mutex_unlock (&info->mutex);
  return result;
}
