/* ir-doc - prints doc/ir.md from the lists that the translator is made of.
 *
 * `make update-ir-doc` writes the page; test-ir-doc.sh tells when it is old. */
#include "config.h"

#include "translate/x86/helpers.h"

#include <string.h>

static const struct { guint trait; const char *name; } traits[] = {
  { IR_PURE, "pure" }, { IR_COMMUTES, "commutes" }, { IR_READS, "reads" }, { IR_WRITES, "writes" },
  { IR_FAULTS, "faults" }, { IR_FLAGS_IN, "flags in" }, { IR_FLAGS_OUT, "flags out" }, { IR_ENDS, "ends" },
  { IR_SIDE_EXIT, "side exit" }, { IR_ALL_STATE, "all state" },
};

static const char *const call_meanings[] = {
#define X(name, meaning) [X86_CALL_##name] = meaning,
  X86_CALLS (X)
#undef X
};
static const char *const call_names[] = {
#define X(name, meaning) [X86_CALL_##name] = #name,
  X86_CALLS (X)
#undef X
};

/* A cell of a table: the bar would end it. */
static void
print_cell (const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '|')
      fputs ("\\|", stdout);
    else
      putchar (*text);
}

static void
print_traits (guint of)
{
  const char *comma = "";

  for (guint i = 0; i < G_N_ELEMENTS (traits); i++)
    if (of & traits[i].trait)
      {
        printf ("%s%s", comma, traits[i].name);
        comma = ", ";
      }
}

static void
print_head (void)
{
  puts ("# The intermediate representation\n\n"
        "Made from the lists in `src/translate/ir.h` and `src/translate/x86/helpers.h` by `make update-ir-doc`; do not\n"
        "edit it by hand. What a unit is, and what becomes of it, is in `translator.md`.\n\n"
        "A unit is a straight list of operations. A value is named by the operation that made it; *r* is the result,\n"
        "*a*, *b*, *c* are arguments (earlier operations), *imm* is a constant of 64 bits and *aux* one of 16. Types are\n"
        "I8 to I64; above its type a value's bits are undefined, ZEXT and SEXT define them. Guest state is named by its\n"
        "offset in `X86State`. Vector and x87 registers are no values: HOST works on the guest's registers by name.\n\n"
        "Traits: *pure*, a function of its arguments alone; *reads*, *writes*, guest state or memory; *faults*, may\n"
        "leave the unit before its instruction; *side exit*, may leave it after; *flags in*, *flags out*, reads or\n"
        "changes the arithmetic flags; *ends*, last of its unit; *all state*, sees and may change all of the CPU.\n"
        "Passes ask traits, not names.\n");
}

static void
print_operations (void)
{
  puts ("## Operations\n\n| operation | arguments | traits | meaning |\n|---|---|---|---|");
  for (guint i = 0; i < IR_N_OPS; i++)
    {
      printf ("| `%s` | %u | ", ir_op_info[i].text, ir_op_info[i].n_args);
      print_traits (ir_op_info[i].traits);
      fputs (" | ", stdout);
      print_cell (ir_op_info[i].meaning);
      puts (" |");
    }
}

static void
print_flags (void)
{
  puts ("\n## Forms of the lazy flags\n\n"
        "The arithmetic flags are kept as a form and two values, and worked out when somebody reads them; the result\n"
        "(*res*) comes first unless it says otherwise. An OVERLAY lies over it: CF alone, or CF and OF of a rotate.\n\n"
        "| form | values, and what follows from them |\n|---|---|");
  for (guint i = 0; i < CC_N_OPS; i++)
    {
      printf ("| `%s` | ", cc_op_names[i]);
      print_cell (cc_op_meanings[i]);
      puts (" |");
    }
}

static void
print_functions (void)
{
  puts ("\n## Pure functions (CALL)\n\n| function | r |\n|---|---|");
  for (guint i = 0; i < X86_N_CALLS; i++)
    {
      printf ("| `%s` | ", call_names[i]);
      print_cell (call_meanings[i]);
      puts (" |");
    }
  puts ("\n## Helpers (HELPER)\n\n"
        "Instructions that are too large for operations. A helper sees and may change the whole CPU, and is the last\n"
        "thing of its unit but for the jump.\n\n"
        "| helper | arguments | meaning |\n|---|---|---|");
  for (guint i = 0; i < X86_N_HELPERS; i++)
    {
      printf ("| `%s` | %u | ", x86_helpers[i].name, x86_helpers[i].n_args);
      print_cell (x86_helpers[i].meaning);
      puts (" |");
    }
}

int
main (void)
{
  print_head ();
  print_operations ();
  print_flags ();
  print_functions ();
  return 0;
}
