/* points.c - Z and z: breakpoints and watchpoints, with conditions and commands that the machine evaluates.
 *
 * Z0 and Z1 are the same: nothing is written into the guest's code.  Addresses are linear.  A watchpoint for
 * writing (Z2) stops for gdb only where bytes changed: gdb itself passes over the others, after a round trip for
 * each.  For lldb it stops at each write. */
#include "config.h"

#include "gdbstub/gdbstub-private.h"

#include <glib/gi18n.h>

static void
free_point (gpointer data)
{
  AsternGdbPoint *point = data;

  g_ptr_array_unref (point->conditions);
  g_ptr_array_unref (point->commands);
  g_free (point);
}

static GPtrArray *
programs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) astern_agent_program_free);
}

GPtrArray *
astern_gdb_points_new (void)
{
  return g_ptr_array_new_with_free_func (free_point);
}

/* ---- conditions and commands ---- */

/* What a program sees while the machine stands at a hit. */
typedef struct
{
  AsternGdbStub *stub;
  guint          cpu;
} Here;

static gboolean
view_register (gpointer user, guint number, guint64 *value)
{
  const Here *here = user;

  return astern_gdb_register_value (here->stub, here->cpu, number, value);
}

static gboolean
view_memory (gpointer user, guint64 address, gpointer data, gsize size)
{
  const Here *here = user;

  return astern_debugger_read_memory (here->stub->debugger, here->cpu, ASTERN_SPACE_LINEAR, address, data, size) == size;
}

static void
view_print (gpointer user, const char *text)
{
  const Here *here = user;

  astern_gdb_print (here->stub, text);
}

static AsternAgentView
view_of (Here *here)
{
  return (AsternAgentView) {
    .read_register = view_register, .read_memory = view_memory, .print = view_print, .user = here,
  };
}

/* Any of the conditions does; one that cannot be evaluated does, too: gdb then asks again itself. */
static gboolean
holds (const AsternPoint *core_point, const AsternHit *hit)
{
  const AsternGdbPoint *point = core_point->user;
  Here here = { point->stub, hit->cpu };
  AsternAgentView view = view_of (&here);

  astern_gdb_cpu (point->stub, hit->cpu);
  for (guint i = 0; i < point->conditions->len; i++)
    {
      const char *problem;
      guint64 value;

      if (!astern_agent_run (g_ptr_array_index (point->conditions, i), &view, &value, &problem) || value != 0)
        return TRUE;
    }
  return FALSE;
}

void
astern_gdb_point_logged (AsternGdbStub *stub, const AsternHit *hit)
{
  AsternGdbPoint *point = hit->point != NULL ? hit->point->user : NULL;
  Here here = { stub, hit->cpu };
  AsternAgentView view = view_of (&here);

  if (point == NULL || !stub->resumed)
    return;
  astern_gdb_cpu (stub, hit->cpu);
  for (guint i = 0; i < point->commands->len; i++)
    {
      const char *problem;
      guint64 value;

      if (!astern_agent_run (g_ptr_array_index (point->commands, i), &view, &value, &problem))
        {
          g_autofree char *address = g_strdup_printf ("%" G_GINT64_MODIFIER "x", point->address);
          g_autofree char *text = g_strdup_printf (_("The commands at %s cannot be executed: %s.\n"), address, problem);

          astern_gdb_print (stub, text);
        }
    }
}

/* ---- packets ---- */

/* X LENGTH,XX…  one after the other. */
static gboolean
take_programs (AsternGdbCursor *in, GPtrArray *programs, const char **problem)
{
  guint64 size;

  *problem = NULL;
  while (astern_gdb_take_char (in, 'X'))
    {
      g_autofree guint8 *code = NULL;
      AsternAgentProgram *program;

      if (!astern_gdb_take_hex (in, &size) || !astern_gdb_take_char (in, ',') || size > ASTERN_GDB_MOST_PACKET)
        return FALSE;
      code = g_malloc (size + 1);
      if (!astern_gdb_take_bytes_into (in, code, size))
        return FALSE;
      program = astern_agent_program_new (code, size, problem);
      if (program == NULL)
        return FALSE;
      g_ptr_array_add (programs, program);
      while (astern_gdb_take_char (in, ','))
        ;
    }
  return TRUE;
}

/* ;X…  and  ;cmds:PERSIST,X… */
static gboolean
take_extras (AsternGdbCursor *in, AsternGdbPoint *point, const char **problem)
{
  guint64 persist;

  while (astern_gdb_take_char (in, ';'))
    {
      if (astern_gdb_take_word (in, "cmds:"))
        {
          if (!astern_gdb_take_hex (in, &persist) || !astern_gdb_take_char (in, ',') ||
              !take_programs (in, point->commands, problem))
            return FALSE;
        }
      else if (!take_programs (in, point->conditions, problem))
        return FALSE;
    }
  return astern_gdb_at_end (in);
}

/* KIND,ADDRESS,SIZE */
static gboolean
take_place (AsternGdbCursor *in, AsternGdbPoint *point)
{
  if (in->end - in->at < 2 || *in->at < '0' || *in->at > '4')
    return FALSE;
  point->kind = (guint) (*in->at++ - '0');
  return astern_gdb_take_char (in, ',') && astern_gdb_take_hex (in, &point->address) && astern_gdb_take_char (in, ',') &&
         astern_gdb_take_hex (in, &point->size);
}

static AsternGdbPoint *
find_same (AsternGdbStub *stub, const AsternGdbPoint *wanted)
{
  for (guint i = 0; i < stub->points->len; i++)
    {
      AsternGdbPoint *point = g_ptr_array_index (stub->points, i);

      if (point->kind == wanted->kind && point->address == wanted->address && point->size == wanted->size)
        return point;
    }
  return NULL;
}

static void
remove_point (AsternGdbStub *stub, AsternGdbPoint *point)
{
  astern_debugger_remove_point (stub->debugger, point->point);
  g_ptr_array_remove (stub->points, point);
}

static AsternPoint
core_point (AsternGdbStub *stub, AsternGdbPoint *point)
{
  static const guint8 accesses[] = {
    [2] = ASTERN_POINT_WRITE, [3] = ASTERN_POINT_READ, [4] = ASTERN_POINT_READ | ASTERN_POINT_WRITE,
  };

  return (AsternPoint) {
    .kind = point->kind < 2 ? ASTERN_POINT_EXECUTE : ASTERN_POINT_MEMORY,
    .space = ASTERN_SPACE_LINEAR,
    .start = point->address,
    .size = point->kind < 2 ? 1 : point->size,
    .access = point->kind < 2 ? 0 : accesses[point->kind],
    .changes_only = point->kind == 2 && !stub->session.thread_suffix,
    .address_space = ASTERN_POINT_ANY,
    .error_code = ASTERN_POINT_ANY,
    .cpu = ASTERN_POINT_ANY,
    .enabled = TRUE,
    .log_only = point->commands->len > 0,
    .holds = point->conditions->len > 0 ? holds : NULL,
    .user = point,
  };
}

/* Z: the same place again takes the place of the one before it: its conditions have changed. */
AsternGdbOutcome
astern_gdb_insert (AsternGdbStub *stub, AsternGdbCursor *in)
{
  AsternGdbPoint *point = g_new0 (AsternGdbPoint, 1);
  AsternGdbPoint *before;
  AsternPoint core;
  const char *problem = NULL;
  g_autoptr (GError) error = NULL;

  point->stub = stub;
  point->conditions = programs_new ();
  point->commands = programs_new ();
  if (!take_place (in, point) || !take_extras (in, point, &problem))
    {
      free_point (point);
      return problem != NULL ? astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, problem) : astern_gdb_malformed (stub);
    }
  before = find_same (stub, point);
  if (before != NULL)
    remove_point (stub, before);
  core = core_point (stub, point);
  point->point = astern_debugger_add_point (stub->debugger, stub->client, &core, &error);
  if (point->point == NULL)
    {
      free_point (point);
      return astern_gdb_refuse (stub, ASTERN_GDB_EINVAL, error != NULL ? error->message : NULL);
    }
  g_ptr_array_add (stub->points, point);
  return astern_gdb_ok (stub);
}

/* z: what is not there is gone. */
AsternGdbOutcome
astern_gdb_remove (AsternGdbStub *stub, AsternGdbCursor *in)
{
  AsternGdbPoint wanted = { 0 };
  AsternGdbPoint *point;

  if (!take_place (in, &wanted) || (!astern_gdb_at_end (in) && *in->at != ';'))
    return astern_gdb_malformed (stub);
  point = find_same (stub, &wanted);
  if (point != NULL)
    remove_point (stub, point);
  return astern_gdb_ok (stub);
}

void
astern_gdb_remove_all (AsternGdbStub *stub)
{
  while (stub->points->len > 0)
    remove_point (stub, g_ptr_array_index (stub->points, stub->points->len - 1));
}

AsternGdbPoint *
astern_gdb_point_by_id (AsternGdbStub *stub, guint id)
{
  for (guint i = 0; i < stub->points->len; i++)
    {
      AsternGdbPoint *point = g_ptr_array_index (stub->points, i);

      if (point->point->id == id)
        return point;
    }
  return NULL;
}
