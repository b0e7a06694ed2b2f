/* Tests of core/debugger-moves.c on the least machine: what an IRET returned from, and so where steps back go.
 *
 * Real mode, at 1000:0000; vectors 0 (#DE), 20h and 6 (#UD) point to handlers behind the program. */
#include "config.h"

#include "core/debugger-private.h"
#include "../gdbstub/small-machine.h"

static const guint8 program[] = {
  0x31, 0xc0,              /* 00  xor  ax, ax */
  0xcd, 0x20,              /* 02  int  20h */
  0x90,                    /* 04  nop */
  0xf7, 0xf1,              /* 05  div  cx        #DE, until its handler has made CX 1 */
  0x90,                    /* 07  nop */
  0x9c,                    /* 08  pushf          a frame of nobody's */
  0x0e,                    /* 09  push cs */
  0x68, 0x10, 0x00,        /* 0a  push 10h */
  0xcf,                    /* 0d  iret */
  0x90, 0x90,
  0x40,                    /* 10  inc  ax */
  0xeb, 0xee,              /* 11  jmp  1 back to 01: never got to */
};
static const guint8 handler_20[] = { 0x43, 0xcf };              /* 40  inc bx; iret */
static const guint8 handler_de[] = { 0x41, 0x66, 0x90, 0xcf };  /* 50  inc cx; nop; iret */

typedef struct
{
  SmallMachine   *small;
  AsternDebugger *debugger;
  AsternClient   *client;
} Fixture;

static void
put (Fixture *f, guint64 at, gconstpointer bytes, gsize size)
{
  astern_memory_write (f->small->machine->memory, f->small->ram->start + at, bytes, size);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  static const guint16 vector_20[] = { 0x40, 0x1000 }, vector_de[] = { 0x50, 0x1000 };
  static const AsternClientFuncs funcs = { .name = "test" };
  const AsternTimelineOptions history = { .budget_bytes = 1 << 24 };

  f->small = small_machine_new (1, TRUE);
  put (f, CODE, program, sizeof program);
  put (f, CODE + 0x40, handler_20, sizeof handler_20);
  put (f, CODE + 0x50, handler_de, sizeof handler_de);
  put (f, 4 * 0x20, vector_20, sizeof vector_20);
  put (f, 0, vector_de, sizeof vector_de);
  f->debugger = astern_debugger_new (f->small->machine, &history, NULL);
  f->client = astern_debugger_attach (f->debugger, &funcs, NULL);
  astern_debugger_hold (f->debugger, f->client);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_object_unref (f->debugger);
  small_machine_free (f->small);
}

/* Moves, and tells where that led to within the program. */
static guint
move (Fixture *f, AsternMove which)
{
  AsternMoveRequest request = { .move = which };
  g_autoptr (GError) error = NULL;
  AsternCodePlace place;

  astern_debugger_move (f->debugger, f->client, &request, &error);
  g_assert_no_error (error);
  debugger_make_move (f->debugger);
  f->small->machine->cpus[0]->klass->code_place (f->small->machine->cpus[0], &place);
  return (guint) place.pc;
}

static void
steps_and_steps_back_meet_the_same_places (Fixture *f, gconstpointer unused)
{
  static const guint there[] = { 0x02, 0x40, 0x41, 0x04, 0x05, 0x50, 0x51, 0x53, 0x05, 0x07, 0x08, 0x09, 0x0a, 0x0d, 0x10, 0x11 };

  for (guint i = 0; i < G_N_ELEMENTS (there); i++)
    g_assert_cmphex (move (f, ASTERN_MOVE_STEP), ==, there[i]);
  for (guint i = G_N_ELEMENTS (there) - 1; i-- > 0;)
    g_assert_cmphex (move (f, ASTERN_MOVE_STEP_BACK), ==, there[i]);
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP_BACK), ==, 0x00);
}

static void
a_handler_of_int_is_gone_back_over_like_a_call (Fixture *f, gconstpointer unused)
{
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP), ==, 0x02);
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP_OVER), ==, 0x04);
  g_assert_cmphex (move (f, ASTERN_MOVE_OVER_BACK), ==, 0x02);
}

static void
a_handler_of_an_exception_is_gone_back_into (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 10; i++)
    move (f, ASTERN_MOVE_STEP);
  g_assert_cmphex (move (f, ASTERN_MOVE_OVER_BACK), ==, 0x05);
  g_assert_cmphex (move (f, ASTERN_MOVE_OVER_BACK), ==, 0x53);
  g_assert_cmphex (move (f, ASTERN_MOVE_OUT_BACK), ==, 0x05);
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP_BACK), ==, 0x04);
}

static void
points_of_others_are_left_as_they_were (Fixture *f, gconstpointer unused)
{
  AsternPoint at_nop = { .kind = ASTERN_POINT_EXECUTE, .start = CODE + 0x51, .address_space = ASTERN_POINT_ANY,
                         .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE };
  AsternPoint *point;

  for (guint i = 0; i < 10; i++)
    move (f, ASTERN_MOVE_STEP);
  point = astern_debugger_add_point (f->debugger, f->client, &at_nop, NULL);
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP_BACK), ==, 0x05);
  g_assert_cmphex (move (f, ASTERN_MOVE_STEP_BACK), ==, 0x53);
  g_assert_true (point->enabled);
  g_assert_cmpuint (astern_points_count (f->small->machine->points), ==, 1);
}

#define ADD(name) g_test_add ("/core/returns/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (steps_and_steps_back_meet_the_same_places);
  ADD (a_handler_of_int_is_gone_back_over_like_a_call);
  ADD (a_handler_of_an_exception_is_gone_back_into);
  ADD (points_of_others_are_left_as_they_were);
  return g_test_run ();
}
