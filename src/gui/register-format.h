/* register-format - what is in a register as text, and back.
 *
 * Bytes are little-endian, as AsternCpuClass.read_register() gives them.  Lanes are written from the lowest on.
 *
 * Threads: any. */
#pragma once

#include "core/cpu.h"

/* Most bytes of a register. */
#define ASTERN_REGISTER_BYTES 64

typedef enum
{
  ASTERN_REGISTER_HEX,         /* one number */
  ASTERN_REGISTER_U8, ASTERN_REGISTER_U16, ASTERN_REGISTER_U32, ASTERN_REGISTER_U64,
  ASTERN_REGISTER_S8, ASTERN_REGISTER_S16, ASTERN_REGISTER_S32, ASTERN_REGISTER_S64,
  ASTERN_REGISTER_FLOAT, ASTERN_REGISTER_DOUBLE,
  ASTERN_REGISTER_EXTENDED,    /* the x87's 80 bits */
  ASTERN_N_REGISTER_FORMATS
} AsternRegisterFormat;

#define ASTERN_REGISTER_FORMAT_ERROR (astern_register_format_error_quark ())
GQuark astern_register_format_error_quark (void);

/* "hex", "u8", "s64", "float", "double", "extended"; -1: no such name. */
const char *astern_register_format_name  (AsternRegisterFormat format);
gint        astern_register_format_named (const char *name);

/* Free it. */
char       *astern_register_format       (AsternRegisterFormat format, const guint8 *bytes, gsize size);
/* What a person typed; @size bytes are written to @bytes.  One lane alone is for the lowest, and the others stay as they are in
 * @bytes; else all lanes are given.  Hexadecimal and binary numbers with 0x, 0b; of the whole register, in any format,
 * when 0x has as many digits as that. */
gboolean    astern_register_parse        (AsternRegisterFormat format, const char *text, guint8 *bytes, gsize size, GError **error);

/* A whole number into a register, or a part of it, of so many @bits (at most 64): FALSE when it is too large for it, signed or
 * not. */
gboolean    astern_register_fits         (guint64 value, guint bits);

/* "PF ZF IF IOPL=3": the parts of @reg that are not 0; NULL when there are none of that register.  Free it. */
char       *astern_register_describe_parts (const AsternRegisterPart *parts, const char *reg, guint64 value);

/* What a segment is: "code 64-bit, DPL 0, base 0, limit ffffffff, readable, accessed, G".  @attr: bits 40..47 and 52..55 of
 * a descriptor, as x86's cs_attr.  Free it. */
char       *astern_register_describe_segment (guint64 base, guint64 limit, guint16 attr, gboolean long_mode);
