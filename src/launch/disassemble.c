/* disassemble.c - Capstone, with names for what it addresses.
 * Left out: what Capstone does not know shows as bytes. */
#include "config.h"

#include "launch/disassemble.h"

#include <capstone/capstone.h>
#include <string.h>

#include <glib/gi18n.h>

struct _AsternDisassembler
{
  csh                   handles[3];       /* 16, 32, 64 bits; 0: not opened */
  cs_insn              *insn;             /* room for one */
  AsternSyntax          syntax;
  AsternAddressNameFunc name;             /* (nullable) */
  gpointer              name_data;
};

AsternDisassembler *
astern_disassembler_new (AsternAddressNameFunc name, gpointer data)
{
  static const cs_mode modes[3] = { CS_MODE_16, CS_MODE_32, CS_MODE_64 };
  AsternDisassembler *disassembler = g_new0 (AsternDisassembler, 1);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (cs_open (CS_ARCH_X86, modes[i], &disassembler->handles[i]) != CS_ERR_OK)
      g_error ("Capstone does not know x86");
    else
      cs_option (disassembler->handles[i], CS_OPT_DETAIL, CS_OPT_ON);
  disassembler->insn = cs_malloc (disassembler->handles[2]);
  disassembler->name = name;
  disassembler->name_data = data;
  astern_disassembler_set_syntax (disassembler, ASTERN_SYNTAX_ATT);
  return disassembler;
}

void
astern_disassembler_free (AsternDisassembler *disassembler)
{
  if (disassembler == NULL)
    return;
  cs_free (disassembler->insn, 1);
  for (guint i = 0; i < G_N_ELEMENTS (disassembler->handles); i++)
    cs_close (&disassembler->handles[i]);
  g_free (disassembler);
}

void
astern_disassembler_set_syntax (AsternDisassembler *disassembler, AsternSyntax syntax)
{
  disassembler->syntax = syntax;
  for (guint i = 0; i < G_N_ELEMENTS (disassembler->handles); i++)
    cs_option (disassembler->handles[i], CS_OPT_SYNTAX, syntax == ASTERN_SYNTAX_ATT ? CS_OPT_SYNTAX_ATT : CS_OPT_SYNTAX_INTEL);
}

static gboolean
is_branch (csh handle, const cs_insn *insn)
{
  return cs_insn_group (handle, insn, CS_GRP_JUMP) || cs_insn_group (handle, insn, CS_GRP_CALL)
         || insn->id == X86_INS_LOOP || insn->id == X86_INS_LOOPE || insn->id == X86_INS_LOOPNE
         || insn->id == X86_INS_XBEGIN;
}

static guint64
wrap (guint bits, guint64 offset)
{
  return bits == 64 ? offset : bits == 32 ? (guint32) offset : (guint16) offset;
}

/* The linear address that the instruction names, when it names one. */
static gboolean
names_address (csh handle, const cs_insn *insn, guint bits, guint64 base, guint64 *linear)
{
  const cs_x86 *x86 = &insn->detail->x86;

  for (guint i = 0; i < x86->op_count; i++)
    {
      const cs_x86_op *op = &x86->operands[i];

      /* A far jump has two immediates, selector and offset; its base is not known here. */
      if (op->type == X86_OP_IMM && x86->op_count == 1 && is_branch (handle, insn))
        {
          *linear = base + wrap (bits, (guint64) op->imm);
          return TRUE;
        }
      if (op->type == X86_OP_MEM && op->mem.base == X86_REG_RIP && op->mem.segment == X86_REG_INVALID)
        {
          *linear = insn->address + insn->size + (guint64) op->mem.disp;
          return TRUE;
        }
    }
  return FALSE;
}

static void
append_name (const AsternDisassembler *disassembler, csh handle, guint bits, guint64 base, AsternInstruction *instruction)
{
  const cs_insn *insn = disassembler->insn;
  g_autofree char *name = NULL;
  gboolean relative;
  guint64 linear;
  gsize length = strlen (instruction->text);

  if (!names_address (handle, insn, bits, base, &linear))
    return;
  relative = !is_branch (handle, insn) || insn->detail->x86.operands[0].type != X86_OP_IMM;
  if (disassembler->name != NULL)
    name = disassembler->name (disassembler->name_data, linear);
  if (relative || (base != 0 && name == NULL))
    g_snprintf (instruction->text + length, sizeof instruction->text - length, "  # 0x%" G_GINT64_MODIFIER "x", linear);
  length = strlen (instruction->text);
  if (name != NULL)
    g_snprintf (instruction->text + length, sizeof instruction->text - length, " <%s>", name);
}

static AsternFlow
flow_of (csh handle, const cs_insn *insn)
{
  if (cs_insn_group (handle, insn, CS_GRP_CALL))
    return ASTERN_FLOW_CALL;
  if (cs_insn_group (handle, insn, CS_GRP_RET) || cs_insn_group (handle, insn, CS_GRP_IRET))
    return ASTERN_FLOW_RETURN;
  if (insn->id == X86_INS_JMP || insn->id == X86_INS_LJMP)
    return ASTERN_FLOW_JUMP;
  return is_branch (handle, insn) ? ASTERN_FLOW_BRANCH : ASTERN_FLOW_NEXT;
}

static void
describe_flow (csh handle, const cs_insn *insn, guint bits, guint64 base, AsternInstruction *instruction)
{
  const guint8 *opcode = insn->detail->x86.opcode;
  guint64 linear;

  instruction->flow = flow_of (handle, insn);
  instruction->condition = -1;
  if ((opcode[0] & 0xf0) == 0x70 || (opcode[0] == 0x0f && (opcode[1] & 0xf0) == 0x80))
    instruction->condition = (opcode[0] == 0x0f ? opcode[1] : opcode[0]) & 0xf;
  if (insn->detail->x86.op_count == 1 && insn->detail->x86.operands[0].type == X86_OP_IMM && is_branch (handle, insn) &&
      names_address (handle, insn, bits, base, &linear))
    {
      instruction->has_target = TRUE;
      instruction->target = bits == 64 ? linear : (guint32) linear;
    }
}

guint
astern_disassemble_length (AsternDisassembler *disassembler, guint bits, const guint8 *bytes, gsize n)
{
  const guint8 *code = bytes;
  size_t size = MIN (n, ASTERN_INSTRUCTION_BYTES);
  uint64_t address = 0;

  return cs_disasm_iter (disassembler->handles[bits == 64 ? 2 : bits == 32 ? 1 : 0], &code, &size, &address, disassembler->insn)
         ? disassembler->insn->size : 0;
}

void
astern_disassemble (AsternDisassembler *disassembler, guint bits, guint64 base, guint64 pc, const guint8 *bytes, gsize n,
                    AsternInstruction *instruction)
{
  csh handle = disassembler->handles[bits == 64 ? 2 : bits == 32 ? 1 : 0];
  const guint8 *code = bytes;
  size_t size = MIN (n, ASTERN_INSTRUCTION_BYTES);
  uint64_t address = pc;
  const cs_insn *insn = disassembler->insn;

  if (size == 0 || !cs_disasm_iter (handle, &code, &size, &address, disassembler->insn))
    {
      *instruction = (AsternInstruction) { .size = 1 };
      if (n == 0)
        g_strlcpy (instruction->text, _("(not mapped)"), sizeof instruction->text);
      else
        g_snprintf (instruction->text, sizeof instruction->text, ".byte 0x%02x", bytes[0]);
      return;
    }
  *instruction = (AsternInstruction) { .size = insn->size, .valid = TRUE };
  g_snprintf (instruction->text, sizeof instruction->text, "%s%s%s", insn->mnemonic, insn->op_str[0] != '\0' ? " " : "",
              insn->op_str);
  append_name (disassembler, handle, bits, base, instruction);
  describe_flow (handle, insn, bits, base, instruction);
}
