/* point-form.c - see point-form.h. */
#include "config.h"

#include "gui/point-form.h"

#include "session/evaluate.h"
#include "session/point-parse.h"
#include "session/point-text.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

gboolean
astern_point_form_has (AsternPointKind kind, AsternPointPart part)
{
  switch (part)
    {
    case ASTERN_POINT_PART_PLACE:
      return astern_point_takes_range (kind);
    case ASTERN_POINT_PART_LENGTH:
      return kind == ASTERN_POINT_EXECUTE || kind == ASTERN_POINT_MEMORY || kind == ASTERN_POINT_PORT || kind == ASTERN_POINT_MSR;
    case ASTERN_POINT_PART_ERROR_CODE:
      return kind == ASTERN_POINT_EXCEPTION;
    case ASTERN_POINT_PART_ADDRESS_SPACE:
    case ASTERN_POINT_PART_CONDITION:
    case ASTERN_POINT_PART_IGNORE:
    case ASTERN_POINT_PART_CPU:
    case ASTERN_POINT_PART_COMMAND:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
astern_point_form_has_access (AsternPointKind kind)
{
  return kind == ASTERN_POINT_MEMORY || kind == ASTERN_POINT_PORT || kind == ASTERN_POINT_MSR || kind == ASTERN_POINT_SYSCALL;
}

gboolean
astern_point_form_has_space (AsternPointKind kind, AsternSpace space)
{
  return kind == ASTERN_POINT_EXECUTE || (kind == ASTERN_POINT_MEMORY && space != ASTERN_SPACE_VIRTUAL);
}

AsternPointForm *
astern_point_form_copy (const AsternPointForm *form)
{
  AsternPointForm *copy = g_memdup2 (form, sizeof *form);

  for (guint i = 0; i < ASTERN_N_POINT_PARTS; i++)
    copy->texts[i] = g_strdup (form->texts[i]);
  return copy;
}

void
astern_point_form_free (AsternPointForm *form)
{
  for (guint i = 0; i < ASTERN_N_POINT_PARTS; i++)
    g_free (form->texts[i]);
  g_free (form);
}

/* ---- the parts ---- */

typedef struct
{
  const AsternPointForm *form;
  AsternCpu             *cpu;
  const AsternNames     *names;
  AsternPointPart        wrong;
} Reading;

/* The text of a part without spaces around it; NULL: empty. */
static const char *
part (Reading *in, AsternPointPart which)
{
  const char *text = in->form->texts[which];

  in->wrong = which;
  return text == NULL || text[strspn (text, " ")] == '\0' ? NULL : text;
}

/* An empty one leaves @value alone. */
static gboolean
read_value (Reading *in, AsternPointPart which, guint64 *value, GError **error)
{
  const char *text = part (in, which);

  return text == NULL || astern_evaluate (in->cpu, in->names, text, value, error);
}

static gboolean
read_place (Reading *in, AsternPoint *point, GError **error)
{
  const char *text = part (in, ASTERN_POINT_PART_PLACE);

  if (!astern_point_form_has (point->kind, ASTERN_POINT_PART_PLACE))
    return TRUE;
  if (text != NULL)
    return astern_point_number_of (point->kind, text, &point->start)
           || astern_evaluate (in->cpu, in->names, text, &point->start, error);
  point->start = ASTERN_POINT_ANY;
  if (point->kind > ASTERN_POINT_MEMORY)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("An address is needed: a number, a symbol or an expression."));
  return FALSE;
}

static gboolean
read_length (Reading *in, AsternPoint *point, GError **error)
{
  if (!astern_point_form_has (point->kind, ASTERN_POINT_PART_LENGTH))
    return TRUE;
  if (!read_value (in, ASTERN_POINT_PART_LENGTH, &point->size, error))
    return FALSE;
  if (point->size > 0 && point->size - 1 <= G_MAXUINT64 - (point->start == ASTERN_POINT_ANY ? 0 : point->start))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       _("The length is at least 1, and ends within the address space."));
  return FALSE;
}

static gboolean
read_cpu (Reading *in, AsternPoint *point, guint n_cpus, GError **error)
{
  if (!read_value (in, ASTERN_POINT_PART_CPU, &point->cpu, error))
    return FALSE;
  if (point->cpu == ASTERN_POINT_ANY || point->cpu < n_cpus)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               ngettext ("The machine has one CPU: 0.", "The machine has %u CPUs, from 0 on.", n_cpus),
               n_cpus);
  return FALSE;
}

static gboolean
read_address_space (Reading *in, AsternPoint *point, GError **error)
{
  if (!read_value (in, ASTERN_POINT_PART_ADDRESS_SPACE, &point->address_space, error))
    return FALSE;
  if (point->address_space != ASTERN_POINT_ANY)
    point->address_space &= ~ASTERN_PAGE_MASK;
  return TRUE;
}

static gboolean
read_condition (Reading *in, AsternPoint *point, GError **error)
{
  const char *text = part (in, ASTERN_POINT_PART_CONDITION);

  if (text == NULL)
    return TRUE;
  point->condition = astern_expression_new (text, in->cpu->klass, in->names, error);
  return point->condition != NULL;
}

static gboolean
read_command (Reading *in, AsternPoint *point, GError **error)
{
  return astern_point_parse_line (in->cpu, in->names, part (in, ASTERN_POINT_PART_COMMAND), point, error);
}

gboolean
astern_point_form_point (const AsternPointForm *form, AsternCpu *cpu, const AsternNames *names, guint n_cpus, AsternPoint *point,
                         AsternPointPart *wrong, GError **error)
{
  Reading in = { form, cpu, names, ASTERN_POINT_PART_NONE };
  gboolean good;

  *point = astern_point_new (form->kind);
  point->size = form->kind == ASTERN_POINT_MEMORY ? 8 : 1;
  point->space = astern_point_form_has_space (form->kind, form->space) ? form->space : ASTERN_SPACE_LINEAR;
  point->access = astern_point_form_has_access (form->kind) ? form->access : 0;
  point->changes_only = form->changes_only && form->kind == ASTERN_POINT_MEMORY;
  point->log_only = form->log_only;
  point->temporary = form->temporary;
  if (part (&in, ASTERN_POINT_PART_COMMAND) != NULL)
    good = read_command (&in, point, error);
  else
    good = read_place (&in, point, error) && read_length (&in, point, error)
           && (!astern_point_form_has (form->kind, ASTERN_POINT_PART_ERROR_CODE)
               || read_value (&in, ASTERN_POINT_PART_ERROR_CODE, &point->error_code, error))
           && read_condition (&in, point, error) && read_value (&in, ASTERN_POINT_PART_IGNORE, &point->ignore, error)
           && read_cpu (&in, point, n_cpus, error) && read_address_space (&in, point, error);
  if (good)
    return TRUE;
  *wrong = in.wrong;
  astern_point_clear (point);
  return FALSE;
}
