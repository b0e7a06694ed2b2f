/* test-agent - agent expressions: what they compute, and that bad ones are refused or end. */
#include "config.h"

#include "gdbstub/agent.h"

#include <string.h>

enum { MEMORY_AT = 0x1000 };

typedef struct
{
  guint8   memory[64];
  GString *printed;
} World;

static gboolean
read_register (gpointer user, guint number, guint64 *value)
{
  *value = 100 + number;
  return number < 10;
}

static gboolean
read_memory (gpointer user, guint64 address, gpointer data, gsize size)
{
  const World *world = user;

  if (address < MEMORY_AT || address - MEMORY_AT + size > sizeof world->memory)
    return FALSE;
  memcpy (data, world->memory + (address - MEMORY_AT), size);
  return TRUE;
}

static void
print (gpointer user, const char *text)
{
  g_string_append (((World *) user)->printed, text);
}

/* FALSE: it was refused, or came to a problem. */
static gboolean
evaluate (World *world, const guint8 *code, gsize size, guint64 *value)
{
  AsternAgentView view = { read_register, read_memory, print, world };
  const char *problem = NULL;
  g_autoptr (AsternAgentProgram) program = astern_agent_program_new (code, size, &problem);
  gboolean good = program != NULL && astern_agent_run (program, &view, value, &problem);

  g_assert_true (good == (problem == NULL));
  return good;
}

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  for (guint i = 0; i < sizeof world->memory; i++)
    world->memory[i] = (guint8) (0x80 + i);
  memcpy (world->memory + 32, "tide", 5);
  world->printed = g_string_new (NULL);
  return world;
}

static void
world_free (World *world)
{
  g_string_free (world->printed, TRUE);
  g_free (world);
}

#define IS(wanted, ...) \
  G_STMT_START { \
    static const guint8 code[] = { __VA_ARGS__ }; \
    guint64 value = 0; \
    g_assert_true (evaluate (world, code, sizeof code, &value)); \
    g_assert_cmphex (value, ==, (guint64) (wanted)); \
  } G_STMT_END

#define FAILS(...) \
  G_STMT_START { \
    static const guint8 code[] = { __VA_ARGS__ }; \
    guint64 value; \
    g_assert_false (evaluate (world, code, sizeof code, &value)); \
  } G_STMT_END

static void
arithmetic_is_on_64_bits (void)
{
  World *world = world_new ();

  IS (7,    0x22, 3, 0x22, 4, 0x02, 0x27);
  IS (-1,   0x22, 3, 0x22, 4, 0x03, 0x27);
  IS (12,   0x22, 3, 0x22, 4, 0x04, 0x27);
  IS (-3,   0x22, 0xf9, 0x16, 8, 0x22, 2, 0x05, 0x27);            /* -7 / 2 */
  IS (-1,   0x22, 0xf9, 0x16, 8, 0x22, 2, 0x07, 0x27);            /* -7 % 2 */
  IS (124,  0x22, 0xf9, 0x22, 2, 0x06, 0x27);
  IS (1,    0x22, 0xf9, 0x22, 2, 0x08, 0x27);
  IS (G_MININT64, 0x25, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff, 0x16, 8, 0x05, 0x27);   /* by -1: wraps */
  IS (0x80, 0x22, 1, 0x22, 7, 0x09, 0x27);
  IS (0,    0x22, 1, 0x22, 64, 0x09, 0x27);
  IS (-1,   0x22, 0x80, 0x16, 8, 0x22, 99, 0x0a, 0x27);
  IS (1,    0x22, 0x80, 0x22, 7, 0x0b, 0x27);
  IS (0x12345678, 0x24, 0x12, 0x34, 0x56, 0x78, 0x27);
  world_free (world);
}

static void
logic_and_comparisons (void)
{
  World *world = world_new ();

  IS (1, 0x22, 0, 0x0e, 0x27);
  IS (0x0c, 0x22, 0x0e, 0x22, 0x1c, 0x0f, 0x27);
  IS (0x1e, 0x22, 0x0e, 0x22, 0x1c, 0x10, 0x27);
  IS (0x12, 0x22, 0x0e, 0x22, 0x1c, 0x11, 0x27);
  IS (-1, 0x22, 0, 0x12, 0x27);
  IS (1, 0x22, 5, 0x22, 5, 0x13, 0x27);
  IS (1, 0x22, 0xff, 0x16, 8, 0x22, 0, 0x14, 0x27);
  IS (0, 0x22, 0xff, 0x16, 8, 0x22, 0, 0x15, 0x27);
  IS (0x23, 0x23, 0xff, 0x23, 0x2a, 8, 0x27);
  world_free (world);
}

static void
the_stack_is_moved_about (void)
{
  World *world = world_new ();

  IS (6, 0x22, 3, 0x28, 0x02, 0x27);                          /* dup */
  IS (1, 0x22, 1, 0x22, 2, 0x29, 0x27);                       /* pop */
  IS (1, 0x22, 2, 0x22, 3, 0x2b, 0x03, 0x27);                 /* swap: 3 - 2 */
  IS (1, 0x22, 1, 0x22, 2, 0x22, 3, 0x32, 2, 0x27);           /* pick the third */
  IS (2, 0x22, 1, 0x22, 2, 0x22, 3, 0x33, 0x27);              /* a b c -> c a b */
  IS (0, 0x27);
  world_free (world);
}

static void
memory_and_registers_are_read (void)
{
  World *world = world_new ();

  IS (0x81, 0x23, 0x10, 0x01, 0x17, 0x27);
  IS (0x8281, 0x23, 0x10, 0x01, 0x18, 0x27);
  IS (0x84838281, 0x23, 0x10, 0x01, 0x19, 0x27);
  IS (G_GUINT64_CONSTANT (0x8786858483828180), 0x23, 0x10, 0x00, 0x1a, 0x27);
  IS (107, 0x26, 0, 7, 0x27);
  FAILS (0x26, 0, 10, 0x27);
  FAILS (0x22, 0, 0x17, 0x27);
  world_free (world);
}

static void
jumps_go_both_ways_and_an_endless_loop_ends (void)
{
  World *world = world_new ();

  /* 5 + 4 + 3 + 2 + 1 */
  IS (15, 0x22, 0, 0x22, 5,  0x28, 0x33, 0x02, 0x2b, 0x22, 1, 0x03, 0x28, 0x20, 0, 4,  0x29, 0x27);
  FAILS (0x21, 0, 0);
  world_free (world);
}

static void
what_is_malformed_is_refused (void)
{
  World *world = world_new ();

  FAILS (0xff);
  FAILS (0x01);                      /* floating point */
  FAILS (0x24, 1, 2);                /* cut off */
  FAILS (0x21, 0, 9);                /* a jump out */
  FAILS (0x22, 0x21, 0x21, 0, 1);    /* a jump into an operand */
  FAILS (0x02);                      /* nothing to add */
  FAILS (0x22, 1, 0x32, 1);          /* pick from below */
  FAILS (0x22, 1, 0x22, 0, 0x05);    /* by zero */
  FAILS (0x34, 0, 0, 2, 'a', 'b');   /* a string without end */
  FAILS (0x34, 0, 0, 9, 'a', 0);     /* a string that is cut off */
  FAILS (0x34, 0, 0, 1, 0);          /* no function and channel */
  FAILS (0x22, 0, 0x28, 0x21, 0, 2); /* the stack overflows */
  world_free (world);
}

static void
printf_formats_what_is_on_the_stack (void)
{
  World *world = world_new ();

  /* arguments from the last to the first, then channel and function */
  IS (0, 0x23, 0x10, 0x20, 0x22, 0xff, 0x16, 8, 0x22, 0, 0x22, 0, 0x34, 2, 0, 9,
      '%', '4', 'd', ' ', '%', 's', '%', '%', 0, 0x27);
  g_assert_cmpstr (world->printed->str, ==, "  -1 tide%");
  g_string_truncate (world->printed, 0);
  IS (0, 0x24, 0xff, 0xff, 0xff, 0xfe, 0x16, 32, 0x22, 0, 0x22, 0, 0x34, 1, 0, 4, '%', 'l', 'x', 0, 0x27);
  g_assert_cmpstr (world->printed->str, ==, "fffffffffffffffe");
  g_string_truncate (world->printed, 0);
  IS (0, 0x22, 0, 0x22, 0, 0x34, 0, 0, 8, '%', 'n', '%', '9', '9', '9', '9', 0, 0x27);   /* %n is no conversion */
  g_assert_cmpstr (world->printed->str, ==, "n");
  g_string_truncate (world->printed, 0);
  IS (0, 0x22, 0, 0x22, 0, 0x34, 0, 0, 11, '\\', 'n', '\\', '\\', '\\', '1', '0', '1', '2', '\\', 0, 0x27);
  g_assert_cmpstr (world->printed->str, ==, "\n\\A2");
  world_free (world);
}

static void
random_programs_end (void)
{
  World *world = world_new ();

  for (guint i = 0; i < 20000; i++)
    {
      guint8 code[32];
      guint64 value;

      for (guint j = 0; j < sizeof code; j++)
        code[j] = (guint8) g_test_rand_int_range (0, g_test_rand_bit () ? 0x35 : 256);
      evaluate (world, code, (gsize) g_test_rand_int_range (0, sizeof code + 1), &value);
    }
  world_free (world);
}

#define ADD(name) g_test_add_func ("/gdbstub/agent/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (arithmetic_is_on_64_bits);
  ADD (logic_and_comparisons);
  ADD (the_stack_is_moved_about);
  ADD (memory_and_registers_are_read);
  ADD (jumps_go_both_ways_and_an_endless_loop_ends);
  ADD (what_is_malformed_is_refused);
  ADD (printf_formats_what_is_on_the_stack);
  ADD (random_programs_end);
  return g_test_run ();
}
