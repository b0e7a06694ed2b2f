/* disassemble - machine code as text for people.
 *
 * The code's size (16, 32 or 64 bits) and CS' base are those of the CPU that is looked at: in code of
 * 16 bits targets of jumps stay within the segment, and are named by their linear address.
 *
 * Threads: one at a time. */
#pragma once

#include <glib.h>

typedef struct _AsternDisassembler AsternDisassembler;

#define ASTERN_INSTRUCTION_BYTES 15

/* Names linear addresses: "start+0x12", or NULL; freed by the caller. */
typedef char *(*AsternAddressNameFunc) (gpointer data, guint64 linear);

typedef enum
{
  ASTERN_SYNTAX_ATT,
  ASTERN_SYNTAX_INTEL,
} AsternSyntax;

/* Where it goes on. */
typedef enum
{
  ASTERN_FLOW_NEXT,     /* at the next instruction */
  ASTERN_FLOW_JUMP,
  ASTERN_FLOW_BRANCH,   /* a conditional jump */
  ASTERN_FLOW_CALL,
  ASTERN_FLOW_RETURN,   /* from a call or an interrupt */
} AsternFlow;

typedef struct
{
  guint  size;          /* bytes; 1 where the bytes are no instruction */
  gboolean valid;
  AsternFlow flow;
  gint8    condition;   /* of a BRANCH: the condition of Jcc as in its opcode, 0 to 15; -1: LOOP, JCXZ and the like */
  gboolean has_target;  /* it says itself where it jumps to, or calls */
  guint64  target;      /* linear */
  char   text[192];     /* "jmp 0x1020 <main+0x10>" */
} AsternInstruction;

/* @name (nullable) is asked for the targets of jumps and calls, and for data that is addressed relative to RIP. */
AsternDisassembler *astern_disassembler_new  (AsternAddressNameFunc name, gpointer data);
void                astern_disassembler_free (AsternDisassembler *disassembler);
void                astern_disassembler_set_syntax (AsternDisassembler *disassembler, AsternSyntax syntax);

/* How many bytes it has; 0: it is none. */
guint               astern_disassemble_length (AsternDisassembler *disassembler, guint bits, const guint8 *bytes, gsize n);
/* One instruction of code of @bits, whose first byte is at offset @pc of a segment at @base.  @n: how many bytes
 * there are, 0 included; more than 15 are not looked at. */
void                astern_disassemble       (AsternDisassembler *disassembler, guint bits, guint64 base, guint64 pc,
                                              const guint8 *bytes, gsize n, AsternInstruction *instruction);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDisassembler, astern_disassembler_free)
