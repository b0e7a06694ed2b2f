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

typedef struct
{
  guint  size;          /* bytes; 1 where the bytes are no instruction */
  gboolean valid;
  char   text[192];     /* "jmp 0x1020 <main+0x10>" */
} AsternInstruction;

/* @name (nullable) is asked for the targets of jumps and calls, and for data that is addressed relative to RIP. */
AsternDisassembler *astern_disassembler_new  (AsternAddressNameFunc name, gpointer data);
void                astern_disassembler_free (AsternDisassembler *disassembler);
void                astern_disassembler_set_syntax (AsternDisassembler *disassembler, AsternSyntax syntax);

/* One instruction of code of @bits, whose first byte is at offset @pc of a segment at @base.  @n: how many bytes
 * there are, 0 included; more than 15 are not looked at. */
void                astern_disassemble       (AsternDisassembler *disassembler, guint bits, guint64 base, guint64 pc,
                                              const guint8 *bytes, gsize n, AsternInstruction *instruction);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDisassembler, astern_disassembler_free)
