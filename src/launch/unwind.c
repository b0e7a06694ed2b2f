/* unwind.c - see unwind.h.
 * Source: Intel SDM vol. 3A, 6.12 and 6.14 (what interrupts push), 3.4.5 (descriptors); vol. 2, CALL; System V ABI, AMD64
 * supplement, 3.2.2 (frame pointers). */
#include "config.h"

#include "launch/unwind.h"

#include "core/bytes.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

enum
{
  SCAN_WORDS = 1024,             /* of a stack, for what looks like a return address */
  BIGGEST_FRAME = 1 << 16,       /* that a frame pointer may bridge */
  MOST_INLINED = 16,
  INTERRUPT_WORDS = 5,           /* RIP, CS, RFLAGS, RSP, SS */
};

typedef struct
{
  AsternLaunch     *launch;
  AsternDebugger   *debugger;
  AsternStackReader reader;
  AsternFrameMemory memory;
  AsternCpu        *cpu;
  guint64           gdt, gdt_limit, cs_base, ss_base;
  guint             bits;
  AsternStack      *stack;
} Unwinder;

/* ---- looking ---- */

static gsize
read_memory (gpointer user, guint64 address, gpointer data, gsize size)
{
  const AsternStackReader *reader = user;

  return astern_debugger_read_memory (reader->debugger, reader->cpu, ASTERN_SPACE_LINEAR, address, data, size);
}

AsternFrameMemory
astern_stack_memory (AsternStackReader *reader)
{
  return (AsternFrameMemory) { read_memory, reader };
}

static guint64
read_register (const AsternCpu *cpu, const char *name)
{
  gint index = astern_cpu_find_register (cpu->klass, name);
  guint64 value = 0;
  guint8 bytes[64] = { 0 };

  if (index >= 0 && cpu->klass->registers[index].bits <= 64)
    {
      cpu->klass->read_register (cpu, index, bytes);
      value = astern_get_le64 (bytes);
    }
  return value;
}

static guint64
mask_of (guint bits)
{
  return bits == 64 ? G_MAXUINT64 : bits == 32 ? G_MAXUINT32 : G_MAXUINT16;
}

/* @words numbers of a stack; returns how many could be read. */
static guint
read_words (Unwinder *u, guint64 address, guint64 *words, guint n)
{
  guint word = u->bits / 8;
  guint8 bytes[64];
  gsize got;

  g_assert (n * word <= sizeof bytes);
  got = read_memory (&u->reader, address, bytes, n * word);
  for (guint i = 0; i < got / word; i++)
    words[i] = word == 8 ? astern_get_le64 (bytes + 8 * i) : word == 4 ? astern_get_le32 (bytes + 4 * i)
               : astern_get_le16 (bytes + 2 * i);
  return got / word;
}

/* ---- return addresses ---- */

/* How long an indirect call is, from its ModRM byte on; 0: it is none. */
static guint
indirect_call_size (const guint8 *modrm, guint bits)
{
  guint mod = modrm[0] >> 6, rm = modrm[0] & 7;
  gboolean sib = bits != 16 && mod != 3 && rm == 4;

  if ((modrm[0] >> 3 & 7) != 2)
    return 0;
  if (mod == 3)
    return 2;
  if (bits == 16)
    return 2 + (mod == 0 ? (rm == 6 ? 2 : 0) : mod);
  if (mod == 0)
    return 2 + sib + (rm == 5 || (sib && (modrm[1] & 7) == 5) ? 4 : 0);
  return 2 + sib + (mod == 1 ? 1 : 4);
}

gboolean
astern_follows_call (AsternDebugger *debugger, guint cpu, guint64 address, guint bits)
{
  guint8 code[8];         /* before @address, and a byte of it for SIB */
  guint direct = bits == 16 ? 3 : 5;

  if (address < 7 ||
      astern_debugger_read_memory (debugger, cpu, ASTERN_SPACE_LINEAR, address - 7, code, sizeof code) < sizeof code)
    return FALSE;
  if (code[7 - direct] == 0xe8)
    return TRUE;
  for (guint size = 2; size <= 7; size++)
    if (code[7 - size] == 0xff && indirect_call_size (code + 8 - size, bits) == size)
      return TRUE;
  return FALSE;
}

static gboolean
is_known_data (Unwinder *u, guint64 address)
{
  AsternSymbol symbol;
  guint64 offset;

  return astern_symbols_nearest (u->launch->symbols, address, &symbol, &offset) && !symbol.code && offset < symbol.size;
}

static gboolean
is_return_address (Unwinder *u, guint64 address)
{
  return astern_follows_call (u->debugger, u->reader.cpu, address, u->bits) && !is_known_data (u, address);
}

/* ---- frames of interrupts ---- */

static gboolean
read_descriptor (Unwinder *u, guint64 selector, guint64 *descriptor)
{
  guint8 bytes[8];
  guint64 offset = selector & 0xfff8;

  if (selector > G_MAXUINT16 || offset == 0 || (selector & 4) != 0 || offset + 7 > u->gdt_limit ||
      read_memory (&u->reader, u->gdt + offset, bytes, sizeof bytes) < sizeof bytes)
    return FALSE;
  *descriptor = astern_get_le64 (bytes);
  return TRUE;
}

/* Code is a segment, present, and executable. */
static gboolean
is_code_selector (Unwinder *u, guint64 selector, guint *bits)
{
  guint64 descriptor;

  if (!read_descriptor (u, selector, &descriptor) || (descriptor >> 43 & 0x13) != 0x13)
    return FALSE;
  *bits = descriptor >> 53 & 1 ? 64 : descriptor >> 54 & 1 ? 32 : 16;
  return (descriptor >> 45 & 3) == (selector & 3) || (descriptor >> 42 & 1) != 0;
}

/* In 64-bit code the null selector will do; else data, present, and writable. */
static gboolean
is_stack_selector (Unwinder *u, guint64 selector, guint ring)
{
  guint64 descriptor;

  if (selector <= 3)
    return u->bits == 64 && (selector == ring || selector == 0);
  return (selector & 3) == ring && read_descriptor (u, selector, &descriptor) && (descriptor >> 41 & 0x4d) == 0x49;
}

static gboolean
is_canonical (guint64 address)
{
  return (guint64) ((gint64) address >> 47) + 1 <= 1;
}

/* What an interrupt leaves: flags have bits that are always the same, and selectors name descriptors. */
static gboolean
read_interrupt_frame (Unwinder *u, guint64 address, AsternFrameRegisters *caller, guint *bits)
{
  guint64 words[INTERRUPT_WORDS] = { 0 };
  guint n = read_words (u, address, words, u->bits == 16 ? 3 : INTERRUPT_WORDS);
  guint ring = words[1] & 3;
  gboolean has_stack = u->bits == 64 || ring != (read_register (u->cpu, "cs") & 3);

  if (u->bits == 16 || n < (has_stack ? 5 : 3) || (words[2] & 0xffffffffffc0802a) != 2 || (words[2] & 0x1000) != 0 ||
      (ring != 0 && ring != 3) || !is_code_selector (u, words[1], bits) || !is_canonical (words[0]) || words[0] < 0x1000)
    return FALSE;
  if (has_stack && (!is_stack_selector (u, words[4], ring) || !is_canonical (words[3]) || words[3] < 8))
    return FALSE;
  *caller = (AsternFrameRegisters) { .known = 1u << ASTERN_FRAME_SP | 1u << ASTERN_FRAME_PC, .exact = TRUE };
  caller->registers[ASTERN_FRAME_PC] = words[0];
  caller->registers[ASTERN_FRAME_SP] = has_stack ? words[3] : address + 3 * u->bits / 8;
  return TRUE;
}

/* ---- from a frame to its caller without its maker's help ---- */

static void
set_caller (const AsternFrameRegisters *frame, guint64 pc, guint64 sp, AsternFrameRegisters *caller)
{
  *caller = (AsternFrameRegisters) { .known = 1u << ASTERN_FRAME_SP | 1u << ASTERN_FRAME_PC };
  caller->registers[ASTERN_FRAME_PC] = pc;
  caller->registers[ASTERN_FRAME_SP] = sp;
  /* Whoever was called keeps it, or has put it where we do not know. */
  caller->registers[ASTERN_FRAME_BP] = frame->registers[ASTERN_FRAME_BP];
  caller->known |= frame->known & 1u << ASTERN_FRAME_BP;
}

/* At a function's first instruction, or behind the PUSH of the frame pointer that is there. */
static gboolean
by_entry (Unwinder *u, const AsternFrameRegisters *frame, AsternFrameRegisters *caller)
{
  guint word = u->bits / 8;
  guint64 pc = frame->registers[ASTERN_FRAME_PC], sp = frame->registers[ASTERN_FRAME_SP], offset, value;
  AsternSymbol symbol;
  guint8 before;

  if (!frame->exact || !astern_symbols_nearest (u->launch->symbols, pc, &symbol, &offset) || !symbol.code)
    return FALSE;
  if (offset != 0 && (offset > 5 || read_memory (&u->reader, pc - 1, &before, 1) != 1 || before != 0x55))
    return FALSE;
  sp += offset != 0 ? word : 0;
  if (read_words (u, sp, &value, 1) != 1 || !is_return_address (u, value + u->cs_base))
    return FALSE;
  set_caller (frame, value + u->cs_base, sp + word, caller);
  return TRUE;
}

static gboolean
by_frame_pointer (Unwinder *u, const AsternFrameRegisters *frame, AsternFrameRegisters *caller)
{
  guint word = u->bits / 8;
  guint64 bp = frame->registers[ASTERN_FRAME_BP], sp = frame->registers[ASTERN_FRAME_SP], words[2];

  if (!(frame->known & 1u << ASTERN_FRAME_BP) || bp < sp || bp - sp > BIGGEST_FRAME || read_words (u, bp, words, 2) != 2 ||
      !is_return_address (u, words[1] + u->cs_base))
    return FALSE;
  set_caller (frame, words[1] + u->cs_base, bp + 2 * word, caller);
  caller->registers[ASTERN_FRAME_BP] = words[0] + u->ss_base;
  return TRUE;
}

static gboolean
by_scan (Unwinder *u, const AsternFrameRegisters *frame, AsternFrameRegisters *caller, AsternFrameFound *found, guint *bits)
{
  guint word = u->bits / 8;
  guint64 sp = frame->registers[ASTERN_FRAME_SP], value;

  for (guint i = 0; i < SCAN_WORDS; i++, sp += word)
    {
      if (read_words (u, sp, &value, 1) != 1)
        return FALSE;
      *found = ASTERN_FOUND_INTERRUPT;
      if (read_interrupt_frame (u, sp, caller, bits))
        return TRUE;
      *found = ASTERN_FOUND_GUESS;
      if (value >= 16 && is_return_address (u, value + u->cs_base))
        {
          set_caller (frame, value + u->cs_base, sp + word, caller);
          return TRUE;
        }
    }
  return FALSE;
}

/* ---- frames ---- */

static void
end_with (Unwinder *u, char *text)
{
  if (u->stack->end == NULL)
    u->stack->end = text;
  else
    g_free (text);
}

static char *
name_of_symbol (Unwinder *u, guint64 pc)
{
  AsternSymbol symbol;
  guint64 offset;

  return astern_symbols_nearest (u->launch->symbols, pc, &symbol, &offset) && symbol.code ? g_strdup (symbol.name) : NULL;
}

/* The frames that share @registers: of functions inlined into each other there are several. */
static void
add_frames (Unwinder *u, const AsternFrameRegisters *registers, AsternFrameFound found, guint most)
{
  AsternSourcePlace places[MOST_INLINED] = { { 0 } };
  guint64 pc = registers->registers[ASTERN_FRAME_PC] - (registers->exact ? 0 : 1);
  guint n = astern_debug_info_places (u->launch->debug_info, pc, places, MOST_INLINED);

  for (guint i = 0; i < MAX (n, 1) && u->stack->frames->len < most; i++)
    {
      AsternFrame frame = { *registers, found, u->bits, i, places[i], g_strdup (places[i].function) };

      if (frame.function == NULL)
        frame.function = name_of_symbol (u, pc);
      g_array_append_val (u->stack->frames, frame);
    }
}

static gboolean
find_caller (Unwinder *u, const AsternFrameRegisters *frame, AsternFrameRegisters *caller, AsternFrameFound *found)
{
  guint64 failed;
  guint bits = u->bits;

  *found = ASTERN_FOUND_CFI;
  switch (astern_debug_info_unwind (u->launch->debug_info, frame, &u->memory, caller, &failed))
    {
    case ASTERN_CFI_DONE:
      return TRUE;
    case ASTERN_CFI_OUTERMOST:
      end_with (u, g_strdup (_("Nobody called it.")));
      return FALSE;
    case ASTERN_CFI_UNREADABLE:
      end_with (u, g_strdup_printf (_("Its caller’s address should be at 0x%" PRIx64 ", where there is no memory."), failed));
      return FALSE;
    default:
      break;
    }
  if (!(frame->known & 1u << ASTERN_FRAME_SP))
    return FALSE;
  *found = ASTERN_FOUND_ENTRY;
  if (by_entry (u, frame, caller))
    return TRUE;
  *found = ASTERN_FOUND_FRAME_POINTER;
  if (by_frame_pointer (u, frame, caller))
    return TRUE;
  if (!by_scan (u, frame, caller, found, &bits))
    return FALSE;
  u->bits = bits;
  return TRUE;
}

/* The same place with the same stack again, or a guess for which the stack goes the wrong way: it would never end. */
static gboolean
makes_progress (Unwinder *u, const AsternFrameRegisters *frame, const AsternFrameRegisters *caller, AsternFrameFound found)
{
  guint64 sp = caller->registers[ASTERN_FRAME_SP];

  for (guint i = 0; i < u->stack->frames->len; i++)
    {
      const AsternFrameRegisters *old = &g_array_index (u->stack->frames, AsternFrame, i).registers;

      if (old->registers[ASTERN_FRAME_SP] == sp && old->registers[ASTERN_FRAME_PC] == caller->registers[ASTERN_FRAME_PC])
        return FALSE;
    }
  return found == ASTERN_FOUND_CFI || found == ASTERN_FOUND_INTERRUPT || sp > frame->registers[ASTERN_FRAME_SP];
}

static void
walk (Unwinder *u, guint most)
{
  AsternFrameRegisters frame = g_array_index (u->stack->frames, AsternFrame, 0).registers, caller;
  AsternFrameFound found;

  while (u->stack->frames->len < most)
    {
      guint bits = u->bits;

      if (!find_caller (u, &frame, &caller, &found))
        {
          end_with (u, g_strdup (_("No caller can be found.")));
          return;
        }
      if (!(caller.known & 1u << ASTERN_FRAME_PC) || caller.registers[ASTERN_FRAME_PC] == 0)
        {
          end_with (u, g_strdup (_("Nobody called it.")));
          return;
        }
      if (!makes_progress (u, &frame, &caller, found))
        {
          end_with (u, g_strdup (_("The stack leads back to where it has been.")));
          return;
        }
      if (u->bits != bits && u->bits < bits)
        for (guint i = 0; i < ASTERN_FRAME_REGISTERS; i++)
          caller.registers[i] &= mask_of (u->bits);
      add_frames (u, &caller, found, most);
      frame = caller;
    }
  end_with (u, g_strdup (_("There may be more.")));
}

static void
read_present (Unwinder *u, AsternFrameRegisters *frame)
{
  static const char names[16][4] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                     "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
  AsternCodePlace place;

  u->cpu->klass->code_place (u->cpu, &place);
  u->bits = place.bits;
  u->cs_base = place.base;
  u->ss_base = place.bits == 64 ? 0 : read_register (u->cpu, "ss_base");
  u->gdt = read_register (u->cpu, "gdtr_base");
  u->gdt_limit = read_register (u->cpu, "gdtr_limit");
  *frame = (AsternFrameRegisters) { .known = (1u << ASTERN_FRAME_REGISTERS) - 1, .exact = TRUE };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    frame->registers[i] = read_register (u->cpu, names[i]) & mask_of (u->bits);
  frame->registers[ASTERN_FRAME_PC] = place.linear;
  frame->registers[ASTERN_FRAME_SP] = u->cpu->klass->stack_linear (u->cpu);
  frame->registers[ASTERN_FRAME_BP] += u->ss_base;
}

AsternStack *
astern_unwind (AsternLaunch *launch, AsternDebugger *debugger, guint cpu, guint most)
{
  AsternMachine *machine = launch->machine;
  Unwinder u = { .launch = launch, .debugger = debugger, .reader = { debugger, MIN (cpu, machine->n_cpus - 1) } };
  AsternFrameRegisters present;

  u.memory = astern_stack_memory (&u.reader);
  u.cpu = machine->cpus[u.reader.cpu];
  if (u.cpu->sync_out != NULL)
    u.cpu->sync_out (u.cpu);
  u.stack = g_new0 (AsternStack, 1);
  u.stack->frames = g_array_new (FALSE, FALSE, sizeof (AsternFrame));
  read_present (&u, &present);
  add_frames (&u, &present, ASTERN_FOUND_PRESENT, MAX (most, 1));
  walk (&u, most);
  return u.stack;
}

void
astern_stack_free (AsternStack *stack)
{
  if (stack == NULL)
    return;
  for (guint i = 0; i < stack->frames->len; i++)
    g_free (g_array_index (stack->frames, AsternFrame, i).function);
  g_array_unref (stack->frames);
  g_free (stack->end);
  g_free (stack);
}
