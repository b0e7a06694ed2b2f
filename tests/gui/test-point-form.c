/* test-point-form - a breakpoint's form, read. */
#include "config.h"

#include "arch/x86/state.h"
#include "gui/point-form.h"
#include "session/point-parse.h"
#include "session/point-text.h"

typedef struct
{
  X86State         state;
  AsternCpu        cpu;
  AsternNames      names;
  AsternPointForm *form;
  AsternPoint      point;
  AsternPointPart  wrong;
  GError          *error;
} Fixture;

static gboolean
lookup (gpointer data, const char *name, guint64 *value)
{
  *value = 0xffffffff81000000;
  return g_str_equal (name, "start_kernel");
}

static void
set_up (Fixture *f, gconstpointer data)
{
  x86_state_reset (&f->state, TRUE, 0);
  f->state.gpr[X86_RBX] = 0x1230;
  f->state.cr3 = 0x5008;
  f->cpu.klass = &x86_cpu_class;
  f->cpu.state = &f->state;
  f->names.lookup = lookup;
  f->form = g_new0 (AsternPointForm, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_point_form_free (f->form);
  astern_point_clear (&f->point);
  g_clear_error (&f->error);
}

static void
put (Fixture *f, AsternPointPart part, const char *text)
{
  g_free (f->form->texts[part]);
  f->form->texts[part] = g_strdup (text);
}

static gboolean
read_form (Fixture *f)
{
  astern_point_clear (&f->point);
  g_clear_error (&f->error);
  return astern_point_form_point (f->form, &f->cpu, &f->names, 2, &f->point, &f->wrong, &f->error);
}

static void
refused (Fixture *f, AsternPointPart wrong)
{
  g_assert_false (read_form (f));
  g_assert_cmpint (f->wrong, ==, wrong);
  g_assert_nonnull (f->error);
  g_assert_null (f->point.condition);
}

static void
says (Fixture *f, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (read_form (f));
  text = astern_point_text (&f->point, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
an_execution_point_has_a_place_and_its_limits (Fixture *f, gconstpointer data)
{
  put (f, ASTERN_POINT_PART_PLACE, "start_kernel + 4");
  put (f, ASTERN_POINT_PART_CONDITION, "$rbx == 7");
  put (f, ASTERN_POINT_PART_IGNORE, "3");
  put (f, ASTERN_POINT_PART_CPU, "1");
  put (f, ASTERN_POINT_PART_ADDRESS_SPACE, "$cr3");
  f->form->temporary = f->form->log_only = f->form->changes_only = TRUE;
  f->form->access = ASTERN_POINT_READ;      /* left over from another kind */
  says (f, "execution 0xffffffff81000004, address space 0x5000, CPU 1, if $rbx == 7");
  g_assert_true (f->point.temporary && f->point.log_only && f->point.enabled);
  g_assert_false (f->point.changes_only);
  g_assert_cmpuint (f->point.access, ==, 0);
  g_assert_cmpuint (f->point.ignore, ==, 3);
}

static void
memory_is_watched_in_its_space_and_length (Fixture *f, gconstpointer data)
{
  f->form->kind = ASTERN_POINT_MEMORY;
  f->form->access = ASTERN_POINT_WRITE;
  f->form->changes_only = TRUE;
  put (f, ASTERN_POINT_PART_PLACE, "$rbx + 4");
  says (f, "memory change 0x1234,8");
  f->form->space = ASTERN_SPACE_PHYSICAL;
  f->form->changes_only = FALSE;
  put (f, ASTERN_POINT_PART_LENGTH, "2");
  says (f, "memory write physical 0x1234,2");
  f->form->space = ASTERN_SPACE_VIRTUAL;     /* memory has no offsets */
  says (f, "memory write 0x1234,2");
}

static void
an_address_is_asked_for_where_there_must_be_one (Fixture *f, gconstpointer data)
{
  put (f, ASTERN_POINT_PART_PLACE, "  ");
  refused (f, ASTERN_POINT_PART_PLACE);
  f->form->kind = ASTERN_POINT_MEMORY;
  refused (f, ASTERN_POINT_PART_PLACE);
  f->form->kind = ASTERN_POINT_EXCEPTION;
  says (f, "exception");
  g_assert_cmpuint (f->point.start, ==, ASTERN_POINT_ANY);
}

static void
numbers_have_their_names (Fixture *f, gconstpointer data)
{
  static const struct { AsternPointKind kind; const char *place, *text; } rows[] = {
    { ASTERN_POINT_EXCEPTION, "#pf", "exception 0xe <#PF>" },
    { ASTERN_POINT_MSR, "IA32_SYSENTER_EIP", "MSR read or write 0x176 <IA32_SYSENTER_EIP>" },
    { ASTERN_POINT_CONTROL, "cr3", "control register 0x3 <CR3>" },
    { ASTERN_POINT_PORT, "0x3f8", "port read or write 0x3f8" },
    { ASTERN_POINT_INTERRUPT, "14", "interrupt 0xe" },
    { ASTERN_POINT_MODE, "ignored", "change of mode" },
  };

  f->form->access = ASTERN_POINT_READ | ASTERN_POINT_WRITE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      f->form->kind = rows[i].kind;
      put (f, ASTERN_POINT_PART_PLACE, rows[i].place);
      says (f, rows[i].text);
    }
}

static void
the_part_that_is_wrong_is_named (Fixture *f, gconstpointer data)
{
  put (f, ASTERN_POINT_PART_PLACE, "nosuch");
  refused (f, ASTERN_POINT_PART_PLACE);
  put (f, ASTERN_POINT_PART_PLACE, "4096");
  put (f, ASTERN_POINT_PART_LENGTH, "0");
  refused (f, ASTERN_POINT_PART_LENGTH);
  put (f, ASTERN_POINT_PART_LENGTH, "-1");
  refused (f, ASTERN_POINT_PART_LENGTH);
  put (f, ASTERN_POINT_PART_LENGTH, "");
  put (f, ASTERN_POINT_PART_CONDITION, "$rbx ==");
  refused (f, ASTERN_POINT_PART_CONDITION);
  put (f, ASTERN_POINT_PART_CONDITION, "1");
  put (f, ASTERN_POINT_PART_CPU, "2");
  refused (f, ASTERN_POINT_PART_CPU);
  put (f, ASTERN_POINT_PART_CPU, "");
  put (f, ASTERN_POINT_PART_ADDRESS_SPACE, "$");
  refused (f, ASTERN_POINT_PART_ADDRESS_SPACE);
  put (f, ASTERN_POINT_PART_ADDRESS_SPACE, "");
  f->form->kind = ASTERN_POINT_EXCEPTION;
  put (f, ASTERN_POINT_PART_ERROR_CODE, "x");
  refused (f, ASTERN_POINT_PART_ERROR_CODE);
}

static void
a_command_of_the_monitors_goes_before_all_else (Fixture *f, gconstpointer data)
{
  put (f, ASTERN_POINT_PART_PLACE, "nosuch");
  put (f, ASTERN_POINT_PART_COMMAND, "catch exception #PF error 2 if $rbx > 1");
  says (f, "exception 0xe <#PF>, error code 0x2, if $rbx > 1");
  put (f, ASTERN_POINT_PART_COMMAND, "watch -r -p 0x1000,4");
  says (f, "memory read physical 0x1000,4");
  put (f, ASTERN_POINT_PART_COMMAND, "tbreak start_kernel cpu 1");
  says (f, "execution 0xffffffff81000000, CPU 1");
  g_assert_true (f->point.temporary);
  put (f, ASTERN_POINT_PART_COMMAND, "catch nothing");
  refused (f, ASTERN_POINT_PART_COMMAND);
  put (f, ASTERN_POINT_PART_COMMAND, "quit");
  refused (f, ASTERN_POINT_PART_COMMAND);
}

#define ADD(name) g_test_add ("/gui/point-form/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (an_execution_point_has_a_place_and_its_limits);
  ADD (memory_is_watched_in_its_space_and_length);
  ADD (an_address_is_asked_for_where_there_must_be_one);
  ADD (numbers_have_their_names);
  ADD (the_part_that_is_wrong_is_named);
  ADD (a_command_of_the_monitors_goes_before_all_else);
  return g_test_run ();
}
