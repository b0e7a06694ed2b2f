/* lsi53c895a-scripts.c - the SCRIPTS processor.
 * Source: LSI53C895A PCI to Ultra2 SCSI Controller Technical Manual, version 2.2, chapter 5 and sections 2.2.16, 2.5.
 * Left out: target mode, odd bytes of wide transfers (chained moves are moves), prefetching, jumps to 64-bit addresses.
 * A move of no bytes does nothing, where the chip calls it illegal: SeaBIOS has one in the script of each command
 * without data, and waits for ever when it is refused.
 *
 * Instructions are done some hundred at a time, at one guest moment; the time that they took then passes before the
 * next ones.  So a script that loops for ever takes the guest's time, and ours only in small pieces. */
#include "config.h"

#include "hw/storage/lsi53c895a-private.h"

#include <string.h>

#define START_NS       500
#define UNIT_NS        40            /* an instruction, or 64 bytes */
#define UNIT_BYTES     64
#define SLICE_UNITS    512
#define PIECE_BYTES    4096

/* What an instruction leads to. */
typedef enum { STEP_ON, STEP_BLOCKED, STEP_IDLE } Step;

/* -- Starting and stopping */

static void
run_after (Lsi *lsi, guint64 ns)
{
  lsi->s.script = SCRIPT_RUNNING;
  astern_timer_set (&lsi->script_timer, astern_clock_now_ns (lsi->parent.parent.clock) + ns);
}

void
lsi_script_start (Lsi *lsi)
{
  lsi->s.move = lsi->s.again = 0;
  run_after (lsi, START_NS);
}

void
lsi_script_stop (Lsi *lsi)
{
  lsi->s.script = SCRIPT_STOPPED;
  astern_timer_cancel (&lsi->script_timer);
}

void
lsi_script_wake (Lsi *lsi)
{
  if (lsi->s.script == SCRIPT_BLOCKED)
    run_after (lsi, UNIT_NS);
}

void
lsi_script_signal (Lsi *lsi)
{
  if (lsi->s.script == SCRIPT_IDLE)
    run_after (lsi, UNIT_NS);
}

/* -- Operands */

static gint32
signed24 (guint32 value)
{
  return (gint32) (value << 8) >> 8;
}

static guint8
read_register (Lsi *lsi, guint reg)
{
  return (guint8) astern_device_read (&lsi->parent.parent, LSI_REGISTERS_WINDOW, reg & 0xff, 1, NULL);
}

static void
write_register (Lsi *lsi, guint reg, guint8 value)
{
  astern_device_write (&lsi->parent.parent, LSI_REGISTERS_WINDOW, reg & 0xff, 1, value, NULL);
}

static guint64
wide (Lsi *lsi, guint selector, guint32 address)
{
  return (guint64) lsi_get32 (lsi, selector) << 32 | address;
}

static guint32
fetch (Lsi *lsi)
{
  guint32 dsp = lsi_get32 (lsi, LSI_DSP), word;

  lsi_read_memory (lsi, wide (lsi, LSI_SFS, dsp), &word, 4);
  lsi_put32 (lsi, LSI_DSP, dsp + 4);
  return GUINT32_FROM_LE (word);
}

/* -- Block moves */

/* Bits 32 to 63 of the address in a table's entry: its count's upper byte is bits 32 to 39, or the number of a selector. */
static guint32
upper_of_entry (Lsi *lsi, guint8 byte)
{
  if (!(lsi->s.r[LSI_CCNTL1] & CCNTL1_EN64TIBMV))
    return lsi_get32 (lsi, LSI_DBMS);
  if (lsi->s.r[LSI_CCNTL1] & CCNTL1_64TIMOD)
    return byte;
  if (byte < 0x10)
    return lsi_get32 (lsi, LSI_SCRATCHC + 4 * byte);
  return byte < 0x16 ? lsi_get32 (lsi, LSI_MMRS + 4 * (byte - 0x10)) : 0;
}

static void
begin_move (Lsi *lsi, guint32 insn)
{
  guint32 at = lsi_get32 (lsi, LSI_DSP) - 4;
  guint32 operand = fetch (lsi), count = insn & 0xffffff, upper = lsi_get32 (lsi, LSI_SBMS), address = operand;
  guint8 top = (guint8) (insn >> 24);

  lsi_put32 (lsi, LSI_DSPS, operand);
  lsi_put32 (lsi, LSI_IA, at);
  lsi_put32 (lsi, LSI_ESA, at + 4);
  if (insn >> 28 & 1)                              /* table */
    {
      guint32 entry[2];
      guint32 from = lsi_get32 (lsi, LSI_DSA) + (guint32) signed24 (operand);

      lsi_read_memory (lsi, wide (lsi, LSI_DRS, from), entry, sizeof entry);
      count = GUINT32_FROM_LE (entry[0]) & 0xffffff;
      top = (guint8) (GUINT32_FROM_LE (entry[0]) >> 24);
      address = GUINT32_FROM_LE (entry[1]);
      upper = upper_of_entry (lsi, top);
      lsi_put32 (lsi, LSI_ESA, from);
    }
  else if (insn >> 29 & 1)                         /* indirect */
    {
      guint32 word;

      lsi_read_memory (lsi, wide (lsi, LSI_SBMS, operand), &word, 4);
      address = GUINT32_FROM_LE (word);
    }
  else if (lsi->s.r[LSI_CCNTL1] & CCNTL1_EN64DBMV)
    upper = fetch (lsi);
  lsi_put24 (lsi, LSI_DBC, count);
  lsi_put32 (lsi, LSI_DNAD, address);
  lsi_put32 (lsi, LSI_DNAD64, upper);
  lsi_put32 (lsi, LSI_RBC, (guint32) top << 24 | count);
  lsi_put32 (lsi, LSI_UA, address);
  lsi_put32 (lsi, LSI_SBC, 0);
  lsi->s.move = 1;
}

static void
note_progress (Lsi *lsi, guint32 moved)
{
  lsi_put24 (lsi, LSI_DBC, lsi_get24 (lsi, LSI_DBC) - moved);
  lsi_put24 (lsi, LSI_RBC, lsi_get24 (lsi, LSI_DBC));
  lsi_put32 (lsi, LSI_DNAD, lsi_get32 (lsi, LSI_DNAD) + moved);
  lsi_put32 (lsi, LSI_UA, lsi_get32 (lsi, LSI_DNAD));
  lsi_put24 (lsi, LSI_SBC, lsi_get24 (lsi, LSI_SBC) + moved);
  lsi_put32 (lsi, LSI_CSBC, lsi_get32 (lsi, LSI_CSBC) + moved);
}

/* The target has gone on to another phase than the move's: a jump, or an interrupt. */
static void
mismatch (Lsi *lsi, guint wanted)
{
  LsiState *s = &lsi->s;
  gboolean data = wanted == PHASE_DATA_OUT || wanted == PHASE_DATA_IN;

  s->move = 0;
  if ((s->r[LSI_CCNTL0] & CCNTL0_ENPMJ) && (data || (s->r[LSI_CCNTL0] & CCNTL0_ENNDJ)))
    {
      gboolean second = !(s->r[LSI_CCNTL0] & CCNTL0_PMJCTL) && (wanted & 1);

      lsi_put32 (lsi, LSI_DSP, lsi_get32 (lsi, second ? LSI_PMJAD2 : LSI_PMJAD1));
    }
  else
    lsi_scsi_interrupt (lsi, SIST0_MA, 0);
}

static Step
go_on_moving (Lsi *lsi, guint *units)
{
  LsiState *s = &lsi->s;
  guint wanted = s->r[LSI_DCMD] & 7;

  while (lsi_get24 (lsi, LSI_DBC) != 0)
    {
      guint32 moved;

      lsi_target_acknowledge (lsi);                /* of a message before */
      if (s->script == SCRIPT_STOPPED)
        return STEP_ON;
      if (s->link != LINK_CONNECTED || !s->req)
        return STEP_BLOCKED;
      if (s->without_attention && wanted == PHASE_MESSAGE_OUT)
        s->phase = PHASE_MESSAGE_OUT;
      if (s->phase != wanted)
        {
          mismatch (lsi, wanted);
          return STEP_ON;
        }
      moved = lsi_target_move (lsi, (guint64) lsi_get32 (lsi, LSI_DNAD64) << 32 | lsi_get32 (lsi, LSI_DNAD),
                               lsi_get24 (lsi, LSI_DBC));
      note_progress (lsi, moved);
      *units += moved / UNIT_BYTES + 1;
    }
  s->move = 0;
  return STEP_ON;
}

static Step
block_move (Lsi *lsi, guint32 insn, guint *units)
{
  begin_move (lsi, insn);
  return go_on_moving (lsi, units);
}

/* -- I/O instructions */

/* The instruction is done again when there is news; until then DSP is behind it, as drivers expect. */
static Step
again (Lsi *lsi, Step step)
{
  lsi->s.again = 1;
  return step;
}

static guint32
relative_or_absolute (Lsi *lsi, guint32 operand, gboolean relative)
{
  return relative ? lsi_get32 (lsi, LSI_DSP) + (guint32) signed24 (operand) : operand;
}

static Step
select_target (Lsi *lsi, guint32 insn)
{
  guint id = insn >> 16 & 0xf;

  if (lsi->s.link != LINK_FREE && lsi->s.free_next)
    lsi->s.link = LINK_FREE;                       /* a target that had nothing left to say */
  if (lsi->s.link != LINK_FREE)
    return again (lsi, STEP_BLOCKED);
  if (insn >> 25 & 1)                              /* table */
    {
      guint32 entry;

      lsi_read_memory (lsi, wide (lsi, LSI_DRS, lsi_get32 (lsi, LSI_DSA) + (guint32) signed24 (insn)), &entry, 4);
      entry = GUINT32_FROM_LE (entry);
      id = entry >> 16 & 0xf;
      lsi->s.r[LSI_SCNTL3] = (guint8) (entry >> 24);
      lsi->s.r[LSI_SXFER] = (guint8) (entry >> 8);
    }
  lsi->s.r[LSI_SDID] = (guint8) id;
  lsi_target_select (lsi, id, insn >> 24 & 1);
  return STEP_ON;
}

/* Nobody reselects: it ends by SIGP. */
static Step
wait_reselect (Lsi *lsi, guint32 insn, guint32 operand)
{
  if (!(lsi->s.r[LSI_ISTAT0] & ISTAT0_SIGP))
    return again (lsi, STEP_IDLE);
  lsi_put32 (lsi, LSI_DSP, relative_or_absolute (lsi, operand, insn >> 26 & 1));
  return STEP_ON;
}

static Step
wait_disconnect (Lsi *lsi)
{
  if (lsi->s.link == LINK_CONNECTED && lsi->s.free_next)
    {
      lsi->s.r[LSI_SCNTL2] &= (guint8) ~SCNTL2_SDU;
      lsi_target_acknowledge (lsi);
    }
  return lsi->s.link == LINK_FREE ? STEP_ON : again (lsi, STEP_BLOCKED);
}

enum { FLAG_ATN = 1 << 3, FLAG_ACK = 1 << 6, FLAG_CARRY = 1 << 10 };

static void
set_flags (Lsi *lsi, guint32 insn)
{
  if (insn & FLAG_CARRY)
    lsi->s.carry = 1;
  if (insn & FLAG_ATN)
    lsi_target_set_attention (lsi);
}

static void
clear_flags (Lsi *lsi, guint32 insn)
{
  if (insn & FLAG_CARRY)
    lsi->s.carry = 0;
  if (insn & FLAG_ATN)
    lsi->s.attention = 0;
  if (insn & FLAG_ACK)
    lsi_target_acknowledge (lsi);
}

/* -- Registers */

enum { OP_LOAD, OP_SHL, OP_OR, OP_XOR, OP_AND, OP_SHR, OP_ADD, OP_ADDC };

static guint8
calculate (Lsi *lsi, guint op, guint8 a, guint8 b)
{
  guint sum;

  switch (op)
    {
    case OP_LOAD: return b;
    case OP_OR:   return a | b;
    case OP_XOR:  return a ^ b;
    case OP_AND:  return a & b;
    case OP_SHL:
      sum = (guint) a << 1 | lsi->s.carry;
      lsi->s.carry = a >> 7;
      return (guint8) sum;
    case OP_SHR:
      sum = a >> 1 | (guint) lsi->s.carry << 7;
      lsi->s.carry = a & 1;
      return (guint8) sum;
    default:
      sum = (guint) a + b + (op == OP_ADDC ? lsi->s.carry : 0);
      lsi->s.carry = sum > 0xff;
      return (guint8) sum;
    }
}

enum { FROM_SFBR = 5, TO_SFBR = 6, READ_MODIFY_WRITE = 7 };

static void
read_write (Lsi *lsi, guint32 insn)
{
  guint opcode = insn >> 27 & 7, op = insn >> 24 & 7;
  guint reg = (insn >> 16 & 0x7f) | (insn & 0x80);
  guint8 data = insn >> 23 & 1 ? lsi->s.r[LSI_SFBR] : (guint8) (insn >> 8);
  guint8 a = 0;

  if (opcode == FROM_SFBR)
    a = lsi->s.r[LSI_SFBR];
  else if (op != OP_LOAD)
    a = read_register (lsi, reg);
  a = calculate (lsi, op, a, data);
  if (opcode == TO_SFBR)
    lsi->s.r[LSI_SFBR] = a;
  else
    write_register (lsi, reg, a);
}

static Step
io_or_register (Lsi *lsi, guint32 insn, guint32 operand)
{
  switch (insn >> 27 & 7)
    {
    case 0:
      return select_target (lsi, insn);
    case 1:
      return wait_disconnect (lsi);
    case 2:
      return wait_reselect (lsi, insn, operand);
    case 3:
      set_flags (lsi, insn);
      return STEP_ON;
    case 4:
      clear_flags (lsi, insn);
      return STEP_ON;
    default:
      read_write (lsi, insn);
      return STEP_ON;
    }
}

/* -- Transfer control */

enum { COMPARE_CARRY = 1 << 21, COMPARE_DATA = 1 << 18, COMPARE_PHASE = 1 << 17, WAIT_PHASE = 1 << 16, JUMP_IF_TRUE = 1 << 19 };

static gboolean
holds (Lsi *lsi, guint32 insn)
{
  gboolean holding = TRUE;

  if (insn & COMPARE_CARRY)
    return lsi->s.carry;
  if (insn & COMPARE_PHASE)
    holding = lsi->s.phase == (insn >> 24 & 7);
  if (insn & COMPARE_DATA)
    holding = holding && ((lsi->s.r[LSI_SFBR] ^ insn) & ~(insn >> 8) & 0xff) == 0;
  return holding;
}

enum { OP_JUMP, OP_CALL, OP_RETURN, OP_INT };

static Step
transfer (Lsi *lsi, guint32 insn, guint32 operand)
{
  guint32 to;

  if ((insn & COMPARE_PHASE) && (insn & WAIT_PHASE))
    {
      lsi_target_acknowledge (lsi);
      if (lsi->s.script == SCRIPT_STOPPED)
        return STEP_ON;
      if (lsi->s.link != LINK_CONNECTED || !lsi->s.req)
        return again (lsi, STEP_BLOCKED);
    }
  if (holds (lsi, insn) != ((insn & JUMP_IF_TRUE) != 0))
    return STEP_ON;
  to = relative_or_absolute (lsi, operand, insn >> 23 & 1);
  switch (insn >> 27 & 7)
    {
    case OP_JUMP:
      lsi_put32 (lsi, LSI_DSP, to);
      break;
    case OP_CALL:
      lsi_put32 (lsi, LSI_TEMP, lsi_get32 (lsi, LSI_DSP));
      lsi_put32 (lsi, LSI_DSP, to);
      break;
    case OP_RETURN:
      lsi_put32 (lsi, LSI_DSP, lsi_get32 (lsi, LSI_TEMP));
      break;
    case OP_INT:
      if (insn >> 20 & 1)                          /* on the fly */
        {
          lsi->s.r[LSI_ISTAT0] |= ISTAT0_INTF;
          lsi_update_irq (lsi);
        }
      else
        lsi_dma_interrupt (lsi, DSTAT_SIR);
      break;
    default:
      lsi_dma_interrupt (lsi, DSTAT_IID);
      break;
    }
  return STEP_ON;
}

/* -- Memory */

static void
memory_move (Lsi *lsi, guint32 insn, guint32 from, guint *units)
{
  guint32 to = fetch (lsi), left = insn & 0xffffff;
  guint8 piece[PIECE_BYTES];

  *units += left / UNIT_BYTES;
  while (left > 0)
    {
      guint32 n = MIN (left, PIECE_BYTES);

      lsi_read_memory (lsi, wide (lsi, LSI_MMRS, from), piece, n);
      lsi_write_memory (lsi, wide (lsi, LSI_MMWS, to), piece, n);
      from += n;
      to += n;
      left -= n;
    }
}

static void
load_store (Lsi *lsi, guint32 insn, guint32 operand)
{
  guint reg = insn >> 16 & 0xff, n = insn & 7;
  guint32 address = insn >> 28 & 1 ? lsi_get32 (lsi, LSI_DSA) + (guint32) signed24 (operand) : operand;
  guint8 bytes[8];

  if (insn >> 24 & 1)
    {
      lsi_read_memory (lsi, wide (lsi, LSI_DRS, address), bytes, n);
      for (guint i = 0; i < n; i++)
        write_register (lsi, reg + i, bytes[i]);
      return;
    }
  for (guint i = 0; i < n; i++)
    bytes[i] = read_register (lsi, reg + i);
  lsi_write_memory (lsi, wide (lsi, LSI_DRS, address), bytes, n);
}

/* -- The processor */

static Step
execute (Lsi *lsi, guint *units)
{
  guint32 insn, operand;

  if (lsi->s.move)
    return go_on_moving (lsi, units);
  if (lsi->s.again)
    lsi_put32 (lsi, LSI_DSP, lsi_get32 (lsi, LSI_DSP) - 8);
  lsi->s.again = 0;
  insn = fetch (lsi);
  lsi_put24 (lsi, LSI_DBC, insn);
  lsi->s.r[LSI_DCMD] = (guint8) (insn >> 24);
  if (insn >> 30 == 0)
    return block_move (lsi, insn, units);
  operand = fetch (lsi);
  lsi_put32 (lsi, LSI_DSPS, operand);
  if (insn >> 30 == 1)
    return io_or_register (lsi, insn, operand);
  if (insn >> 30 == 2)
    return transfer (lsi, insn, operand);
  if (insn >> 29 & 1)
    load_store (lsi, insn, operand);
  else
    memory_move (lsi, insn, operand, units);
  return STEP_ON;
}

void
lsi_script_expired (gpointer owner)
{
  Lsi *lsi = owner;
  LsiState *s = &lsi->s;
  guint units = 0;
  Step step = STEP_ON;

  while (units < SLICE_UNITS && step == STEP_ON && s->script == SCRIPT_RUNNING)
    {
      units++;
      step = execute (lsi, &units);
      if (step == STEP_ON && (s->r[LSI_DCNTL] & DCNTL_SSM) && !s->move && s->script == SCRIPT_RUNNING)
        lsi_dma_interrupt (lsi, DSTAT_SSI);
    }
  if (s->script != SCRIPT_RUNNING)
    return;
  if (step == STEP_ON)
    run_after (lsi, (guint64) units * UNIT_NS);
  else
    s->script = step == STEP_IDLE ? SCRIPT_IDLE : SCRIPT_BLOCKED;
}
