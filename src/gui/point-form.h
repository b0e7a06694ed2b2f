/* point-form - what a breakpoint's form says, as a point.
 *
 * Pure: no widgets.  Each part is a text as it stands in the form; places, numbers and conditions are expressions.
 *
 * Threads: astern_point_form_point() the machine's (or wherever the CPU can be looked at), the rest any. */
#pragma once

#include "core/expression.h"

/* The parts that a user may get wrong: where an error is shown. */
typedef enum
{
  ASTERN_POINT_PART_NONE,
  ASTERN_POINT_PART_PLACE,
  ASTERN_POINT_PART_LENGTH,
  ASTERN_POINT_PART_ERROR_CODE,
  ASTERN_POINT_PART_CONDITION,
  ASTERN_POINT_PART_IGNORE,
  ASTERN_POINT_PART_CPU,
  ASTERN_POINT_PART_ADDRESS_SPACE,
  ASTERN_POINT_PART_COMMAND,
  ASTERN_N_POINT_PARTS
} AsternPointPart;

typedef struct
{
  AsternPointKind kind;
  AsternSpace     space;              /* EXECUTE, MEMORY */
  guint8          access;             /* ASTERN_POINT_READ | ...; MEMORY, PORT, MSR, SYSCALL */
  gboolean        changes_only, log_only, temporary;
  /* owned, (nullable); by part; of COMMAND: a line of the monitor's, in place of all else */
  char           *texts[ASTERN_N_POINT_PARTS];
} AsternPointForm;

/* Which parts a kind has. */
gboolean         astern_point_form_has     (AsternPointKind kind, AsternPointPart part);
gboolean         astern_point_form_has_access (AsternPointKind kind);
gboolean         astern_point_form_has_space  (AsternPointKind kind, AsternSpace space);

AsternPointForm *astern_point_form_copy    (const AsternPointForm *form);
void             astern_point_form_free    (AsternPointForm *form);

/* The point.  FALSE with a sentence for the user; @wrong is the part that it is about, and @point owns nothing.
 * @cpu: whose registers are meant; its state is up to date. */
gboolean         astern_point_form_point   (const AsternPointForm *form, AsternCpu *cpu, const AsternNames *names, guint n_cpus,
                                            AsternPoint *point, AsternPointPart *wrong, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternPointForm, astern_point_form_free)
