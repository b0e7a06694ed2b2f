/* test-disassemble - instructions as text, in the three sizes of code. */
#include "config.h"

#include "launch/disassemble.h"

#include <string.h>

static char *
name (gpointer data, guint64 linear)
{
  return linear >= 0x12340 && linear < 0x12350 ? g_strdup_printf ("here+%u", (guint) (linear - 0x12340)) : NULL;
}

#define CHECK(bits, base, pc, code, expected) check (bits, base, pc, code, sizeof code - 1, expected)

static void
check (guint bits, guint64 base, guint64 pc, const char *code, gsize size, const char *expected)
{
  g_autoptr (AsternDisassembler) disassembler = astern_disassembler_new (name, NULL);
  AsternInstruction insn;

  astern_disassemble (disassembler, bits, base, pc, (const guint8 *) code, size, &insn);
  g_assert_cmpstr (insn.text, ==, expected);
}

static void
code_is_read_in_the_size_it_has (void)
{
  CHECK (16, 0, 0x100, "\xb8\x34\x12", "movw $0x1234, %ax");
  CHECK (32, 0, 0x100, "\xb8\x34\x12\x00\x00", "movl $0x1234, %eax");
  CHECK (64, 0, 0x100, "\x48\x89\xe5", "movq %rsp, %rbp");
}

static void
jumps_name_their_target_by_its_linear_address (void)
{
  CHECK (64, 0, 0x12340, "\xeb\x02", "jmp 0x12344 <here+4>");
  CHECK (16, 0x12300, 0x40, "\xeb\x02", "jmp 0x44 <here+4>");
  CHECK (16, 0xf0000, 0xfff0, "\xeb\x00", "jmp 0xfff2  # 0xffff2");
}

static void
sixteen_bit_jumps_stay_in_their_segment (void)
{
  g_autoptr (AsternDisassembler) disassembler = astern_disassembler_new (name, NULL);
  AsternInstruction insn;

  astern_disassemble (disassembler, 16, 0x12340, 0xfffe, (const guint8 *) "\xeb\x02", 2, &insn);
  g_assert_nonnull (strstr (insn.text, "<here+2>"));
}

static void
data_relative_to_rip_is_named (void)
{
  CHECK (64, 0, 0x12340, "\x8b\x05\x02\x00\x00\x00", "movl 2(%rip), %eax  # 0x12348 <here+8>");
}

static AsternInstruction
read_one (guint bits, guint64 base, guint64 pc, const char *code, gsize size)
{
  g_autoptr (AsternDisassembler) disassembler = astern_disassembler_new (NULL, NULL);
  AsternInstruction insn;

  astern_disassemble (disassembler, bits, base, pc, (const guint8 *) code, size, &insn);
  g_assert_cmpuint (astern_disassemble_length (disassembler, bits, (const guint8 *) code, size), ==, insn.valid ? insn.size : 0);
  return insn;
}

#define CHECK_FLOW(bits, base, pc, code, expected_flow, expected_condition, expected_target) \
  do \
    { \
      AsternInstruction insn = read_one (bits, base, pc, code, sizeof code - 1); \
      g_assert_cmpint (insn.flow, ==, expected_flow); \
      g_assert_cmpint (insn.has_target, ==, expected_target != 0); \
      g_assert_cmphex (insn.target, ==, expected_target); \
      if (insn.flow == ASTERN_FLOW_BRANCH) \
        g_assert_cmpint (insn.condition, ==, expected_condition); \
    } \
  while (0)

static void
where_an_instruction_leads_is_known (void)
{
  CHECK_FLOW (64, 0, 0x1000, "\x90", ASTERN_FLOW_NEXT, -1, 0);
  CHECK_FLOW (64, 0, 0x1000, "\xeb\xfe", ASTERN_FLOW_JUMP, -1, 0x1000);
  CHECK_FLOW (64, 0, 0x1000, "\x74\x10", ASTERN_FLOW_BRANCH, 4, 0x1012);
  CHECK_FLOW (64, 0, 0x1000, "\x0f\x8f\x00\x01\x00\x00", ASTERN_FLOW_BRANCH, 15, 0x1106);
  CHECK_FLOW (64, 0, 0x1000, "\xe2\xfe", ASTERN_FLOW_BRANCH, -1, 0x1000);
  CHECK_FLOW (64, 0, 0x1000, "\xe8\x00\x00\x00\x00", ASTERN_FLOW_CALL, -1, 0x1005);
  CHECK_FLOW (64, 0, 0x1000, "\xff\xd0", ASTERN_FLOW_CALL, -1, 0);
  CHECK_FLOW (64, 0, 0x1000, "\xc3", ASTERN_FLOW_RETURN, -1, 0);
  CHECK_FLOW (64, 0, 0x1000, "\x48\xcf", ASTERN_FLOW_RETURN, -1, 0);
  CHECK_FLOW (16, 0x12340, 0xfffe, "\xeb\x02", ASTERN_FLOW_JUMP, -1, 0x12342);
  CHECK_FLOW (32, 0xfffff000, 0x1000, "\xeb\x10", ASTERN_FLOW_JUMP, -1, 0x12);
}

static void
what_is_no_instruction_is_a_byte (void)
{
  CHECK (64, 0, 0, "\x06", ".byte 0x06");
  CHECK (64, 0, 0, "\x48", ".byte 0x48");
  CHECK (64, 0, 0, "", "(not mapped)");
}

static void
the_syntax_can_be_intels (void)
{
  g_autoptr (AsternDisassembler) disassembler = astern_disassembler_new (NULL, NULL);
  AsternInstruction insn;

  astern_disassembler_set_syntax (disassembler, ASTERN_SYNTAX_INTEL);
  astern_disassemble (disassembler, 64, 0, 0, (const guint8 *) "\x48\x89\xe5", 3, &insn);
  g_assert_cmpstr (insn.text, ==, "mov rbp, rsp");
  g_assert_cmpuint (insn.size, ==, 3);
}

#define ADD(test) g_test_add_func ("/launch/disassemble/" #test, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (code_is_read_in_the_size_it_has);
  ADD (jumps_name_their_target_by_its_linear_address);
  ADD (sixteen_bit_jumps_stay_in_their_segment);
  ADD (data_relative_to_rip_is_named);
  ADD (where_an_instruction_leads_is_known);
  ADD (what_is_no_instruction_is_a_byte);
  ADD (the_syntax_can_be_intels);
  return g_test_run ();
}
