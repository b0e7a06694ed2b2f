/* target.c - target descriptions.
 * Source: "Debugging with GDB", appendix "Target Descriptions", i386 Features, for the names that gdb wants;
 * Intel SDM vol. 3, section 2.5 and chapter 17, for the bits of control and debug registers. */
#include "config.h"

#include "gdbstub/target.h"

#include <string.h>

#define CORE     "org.gnu.gdb.i386.core"
#define SSE      "org.gnu.gdb.i386.sse"
#define AVX      "org.gnu.gdb.i386.avx"
#define SEGMENTS "org.gnu.gdb.i386.segments"
#define OURS     "org.astern.i386."

/* ---- gdb's own features ---- */

typedef struct
{
  const char *name, *type, *group;
  const char *cpu_name;   /* in the CPU's table; NULL: the same as name */
  guint8      bits, role;
} Row;

static const Row wide_general[] = {
  { "rax", "int64", .bits = 64 }, { "rbx", "int64", .bits = 64 }, { "rcx", "int64", .bits = 64 },
  { "rdx", "int64", .bits = 64 }, { "rsi", "int64", .bits = 64 }, { "rdi", "int64", .bits = 64 },
  { "rbp", "data_ptr", .bits = 64, .role = ASTERN_GDB_ROLE_FP }, { "rsp", "data_ptr", .bits = 64, .role = ASTERN_GDB_ROLE_SP },
  { "r8", "int64", .bits = 64 }, { "r9", "int64", .bits = 64 }, { "r10", "int64", .bits = 64 },
  { "r11", "int64", .bits = 64 }, { "r12", "int64", .bits = 64 }, { "r13", "int64", .bits = 64 },
  { "r14", "int64", .bits = 64 }, { "r15", "int64", .bits = 64 },
  { "rip", "code_ptr", .bits = 64, .role = ASTERN_GDB_ROLE_PC },
};

static const Row narrow_general[] = {
  { "eax", "int32", .bits = 32, .cpu_name = "rax" }, { "ecx", "int32", .bits = 32, .cpu_name = "rcx" },
  { "edx", "int32", .bits = 32, .cpu_name = "rdx" }, { "ebx", "int32", .bits = 32, .cpu_name = "rbx" },
  { "esp", "data_ptr", .bits = 32, .cpu_name = "rsp", .role = ASTERN_GDB_ROLE_SP },
  { "ebp", "data_ptr", .bits = 32, .cpu_name = "rbp", .role = ASTERN_GDB_ROLE_FP },
  { "esi", "int32", .bits = 32, .cpu_name = "rsi" }, { "edi", "int32", .bits = 32, .cpu_name = "rdi" },
  { "eip", "code_ptr", .bits = 32, .cpu_name = "rip", .role = ASTERN_GDB_ROLE_PC },
};

static const Row more_core[] = {
  { "eflags", "i386_eflags", .bits = 32, .role = ASTERN_GDB_ROLE_FLAGS },
  { "cs", "int32", .bits = 32 }, { "ss", "int32", .bits = 32 }, { "ds", "int32", .bits = 32 },
  { "es", "int32", .bits = 32 }, { "fs", "int32", .bits = 32 }, { "gs", "int32", .bits = 32 },
  { "st0", "i387_ext", .bits = 80 }, { "st1", "i387_ext", .bits = 80 }, { "st2", "i387_ext", .bits = 80 },
  { "st3", "i387_ext", .bits = 80 }, { "st4", "i387_ext", .bits = 80 }, { "st5", "i387_ext", .bits = 80 },
  { "st6", "i387_ext", .bits = 80 }, { "st7", "i387_ext", .bits = 80 },
  { "fctrl", "int", "float", .bits = 32 }, { "fstat", "int", "float", .bits = 32 }, { "ftag", "int", "float", .bits = 32 },
  { "fiseg", "int", "float", .bits = 32 }, { "fioff", "int", "float", .bits = 32 }, { "foseg", "int", "float", .bits = 32 },
  { "fooff", "int", "float", .bits = 32 }, { "fop", "int", "float", .bits = 32 },
};

static const Row segment_bases[] = {
  { "fs_base", "int", .bits = 64 }, { "gs_base", "int", .bits = 64 },
};

static const Row mxcsr[] = { { "mxcsr", "i386_mxcsr", "vector", .bits = 32 } };

/* ---- types with names for bits ---- */

typedef struct { const char *name; guint8 start, end; } Bits;

typedef struct
{
  const char *id, *feature;
  guint       bytes;
  Bits        bits[24];
} Flags;

static const Flags flag_types[] = {
  { "i386_eflags", CORE, 4,
    { { "CF", 0, 0 }, { "", 1, 1 }, { "PF", 2, 2 }, { "AF", 4, 4 }, { "ZF", 6, 6 }, { "SF", 7, 7 }, { "TF", 8, 8 },
      { "IF", 9, 9 }, { "DF", 10, 10 }, { "OF", 11, 11 }, { "NT", 14, 14 }, { "RF", 16, 16 }, { "VM", 17, 17 },
      { "AC", 18, 18 }, { "VIF", 19, 19 }, { "VIP", 20, 20 }, { "ID", 21, 21 } } },
  { "i386_mxcsr", SSE, 4,
    { { "IE", 0, 0 }, { "DE", 1, 1 }, { "ZE", 2, 2 }, { "OE", 3, 3 }, { "UE", 4, 4 }, { "PE", 5, 5 }, { "DAZ", 6, 6 },
      { "IM", 7, 7 }, { "DM", 8, 8 }, { "ZM", 9, 9 }, { "OM", 10, 10 }, { "UM", 11, 11 }, { "PM", 12, 12 },
      { "FZ", 15, 15 } } },
  { "cr0_flags", OURS "control", 4,
    { { "PE", 0, 0 }, { "MP", 1, 1 }, { "EM", 2, 2 }, { "TS", 3, 3 }, { "ET", 4, 4 }, { "NE", 5, 5 }, { "WP", 16, 16 },
      { "AM", 18, 18 }, { "NW", 29, 29 }, { "CD", 30, 30 }, { "PG", 31, 31 } } },
  { "cr4_flags", OURS "control", 4,
    { { "VME", 0, 0 }, { "PVI", 1, 1 }, { "TSD", 2, 2 }, { "DE", 3, 3 }, { "PSE", 4, 4 }, { "PAE", 5, 5 }, { "MCE", 6, 6 },
      { "PGE", 7, 7 }, { "PCE", 8, 8 }, { "OSFXSR", 9, 9 }, { "OSXMMEXCPT", 10, 10 }, { "UMIP", 11, 11 },
      { "FSGSBASE", 16, 16 }, { "PCIDE", 17, 17 }, { "OSXSAVE", 18, 18 }, { "SMEP", 20, 20 }, { "SMAP", 21, 21 } } },
  { "efer_flags", OURS "msr", 4,
    { { "SCE", 0, 0 }, { "LME", 8, 8 }, { "LMA", 10, 10 }, { "NXE", 11, 11 } } },
};

/* Registers of ours that have such a type.  gdb assigns to flags only what is as wide as they are, and numbers
 * are an int to it; what is above bit 31 is reserved in all of them. */
static const struct { const char *name, *type; } flag_registers[] = {
  { "cr0", "cr0_flags" }, { "cr4", "cr4_flags" }, { "efer", "efer_flags" },
};

static void
describe_flags (GString *xml, const char *feature)
{
  for (gsize i = 0; i < G_N_ELEMENTS (flag_types); i++)
    {
      const Flags *type = &flag_types[i];

      if (!g_str_equal (type->feature, feature))
        continue;
      g_string_append_printf (xml, "<flags id=\"%s\" size=\"%u\">", type->id, type->bytes);
      for (const Bits *bits = type->bits; bits->name != NULL; bits++)
        g_string_append_printf (xml, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>", bits->name, bits->start, bits->end);
      g_string_append (xml, "</flags>\n");
    }
}

static void
describe_vectors (GString *xml)
{
  static const struct { const char *id, *type; guint count; } vectors[] = {
    { "v4f", "ieee_single", 4 }, { "v2d", "ieee_double", 2 }, { "v16i8", "int8", 16 }, { "v8i16", "int16", 8 },
    { "v4i32", "int32", 4 }, { "v2i64", "int64", 2 },
  };
  static const struct { const char *name, *type; } members[] = {
    { "v4_float", "v4f" }, { "v2_double", "v2d" }, { "v16_int8", "v16i8" }, { "v8_int16", "v8i16" },
    { "v4_int32", "v4i32" }, { "v2_int64", "v2i64" }, { "uint128", "uint128" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    g_string_append_printf (xml, "<vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", vectors[i].id, vectors[i].type,
                            vectors[i].count);
  g_string_append (xml, "<union id=\"vec128\">");
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    g_string_append_printf (xml, "<field name=\"%s\" type=\"%s\"/>", members[i].name, members[i].type);
  g_string_append (xml, "</union>\n");
}

/* ---- the list ---- */

static gint
find_register (const AsternCpuClass *klass, const char *name)
{
  for (guint i = 0; i < klass->n_registers; i++)
    if (g_str_equal (klass->registers[i].name, name))
      return (gint) i;
  return -1;
}

static void
add (AsternGdbTarget *target, const char *feature, const Row *row)
{
  const char *cpu_name = row->cpu_name != NULL ? row->cpu_name : row->name;
  AsternGdbRegister reg = {
    .name = row->name, .type = row->type, .group = row->group, .feature = feature,
    .bits = row->bits, .index = find_register (target->klass, cpu_name), .role = row->role,
  };

  g_array_append_val (target->registers, reg);
}

static void
add_rows (AsternGdbTarget *target, const char *feature, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    add (target, feature, &rows[i]);
}

/* xmm0, xmm1, … as many as the CPU's table and the target have, and the like. */
static void
add_numbered (AsternGdbTarget *target, const char *feature, const char *format, const char *type)
{
  for (guint i = 0; i < (target->wide ? 16u : 8u); i++)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_autofree char *name = g_strdup_printf (format, i);
#pragma GCC diagnostic pop
      Row row = { g_intern_string (name), type, "vector", .bits = 128 };

      if (find_register (target->klass, name) >= 0)
        add (target, feature, &row);
    }
}

static gboolean
is_there (const AsternGdbTarget *target, const char *name)
{
  for (guint i = 0; i < target->registers->len; i++)
    if (g_str_equal (g_array_index (target->registers, AsternGdbRegister, i).name, name))
      return TRUE;
  return FALSE;
}

/* Registers that gdb shows as pieces of others, or under another name. */
static gboolean
is_known_otherwise (const AsternGdbTarget *target, guint index)
{
  const AsternRegister *reg = &target->klass->registers[index];

  if (g_str_equal (reg->group, "alias") || g_str_equal (reg->group, "general") || g_str_equal (reg->group, "x87") ||
      g_str_equal (reg->group, "sse") || g_str_equal (reg->group, "avx"))
    return TRUE;
  for (guint i = 0; i < target->registers->len; i++)
    if (g_array_index (target->registers, AsternGdbRegister, i).index == (gint) index)
      return TRUE;
  return is_there (target, reg->name);
}

static const char *
flags_of (const AsternRegister *reg)
{
  for (gsize i = 0; i < G_N_ELEMENTS (flag_registers); i++)
    if (g_str_equal (flag_registers[i].name, reg->name))
      return flag_registers[i].type;
  return NULL;
}

static const char *
number_of (const AsternRegister *reg)
{
  return reg->bits == 8 ? "uint8" : reg->bits == 16 ? "uint16" : reg->bits == 32 ? "uint32" : "uint64";
}

/* All registers of the CPU that gdb's features leave out. */
static void
add_ours (AsternGdbTarget *target)
{
  static const char *const groups[] = { "segment", "control", "debug", "system", "msr" };

  for (gsize g = 0; g < G_N_ELEMENTS (groups); g++)
    for (guint i = 0; i < target->klass->n_registers; i++)
      {
        const AsternRegister *reg = &target->klass->registers[i];
        g_autofree char *feature = g_strconcat (OURS, groups[g], NULL);
        const char *flags = flags_of (reg);
        Row row = { reg->name, flags != NULL ? flags : number_of (reg), "system", .bits = flags != NULL ? 32 : (guint8) reg->bits };

        if (g_str_equal (reg->group, groups[g]) && reg->bits <= 64 && !is_known_otherwise (target, i))
          add (target, g_intern_string (feature), &row);
      }
}

static void
list_registers (AsternGdbTarget *target)
{
  if (target->wide)
    add_rows (target, CORE, wide_general, G_N_ELEMENTS (wide_general));
  else
    add_rows (target, CORE, narrow_general, G_N_ELEMENTS (narrow_general));
  add_rows (target, CORE, more_core, G_N_ELEMENTS (more_core));
  add_numbered (target, SSE, "xmm%u", "vec128");
  add_rows (target, SSE, mxcsr, G_N_ELEMENTS (mxcsr));
  add_numbered (target, AVX, "ymm%uh", "uint128");
  if (target->wide)
    add_rows (target, SEGMENTS, segment_bases, G_N_ELEMENTS (segment_bases));
  target->n_in_g = target->registers->len;
  add_ours (target);
}

static void
place_registers (AsternGdbTarget *target)
{
  guint offset = 0;

  for (guint i = 0; i < target->registers->len; i++)
    {
      AsternGdbRegister *reg = &g_array_index (target->registers, AsternGdbRegister, i);

      if (i == target->n_in_g)
        target->g_bytes = offset;
      reg->offset = offset;
      offset += reg->bits / 8;
    }
  if (target->n_in_g == target->registers->len)
    target->g_bytes = offset;
}

/* ---- the XML ---- */

static void
begin_feature (GString *xml, const char *feature)
{
  g_string_append_printf (xml, "<feature name=\"%s\">\n", feature);
  describe_flags (xml, feature);
  if (g_str_equal (feature, SSE))
    describe_vectors (xml);
}

static void
describe_register (GString *xml, const AsternGdbRegister *reg, guint number)
{
  static const char *const generic[] = {
    [ASTERN_GDB_ROLE_PC] = "pc", [ASTERN_GDB_ROLE_SP] = "sp", [ASTERN_GDB_ROLE_FP] = "fp", [ASTERN_GDB_ROLE_FLAGS] = "flags",
  };

  g_string_append_printf (xml, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"", reg->name, reg->bits,
                          reg->type, number);
  if (reg->group != NULL)
    g_string_append_printf (xml, " group=\"%s\"", reg->group);
  if (reg->role != ASTERN_GDB_ROLE_NONE)
    g_string_append_printf (xml, " generic=\"%s\"", generic[reg->role]);   /* lldb's; gdb passes over it */
  g_string_append (xml, "/>\n");
}

static char *
describe (const AsternGdbTarget *target)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                               "<target version=\"1.0\">\n");
  const char *feature = NULL;

  g_string_append_printf (xml, "<architecture>%s</architecture>\n", target->architecture);
  for (guint i = 0; i < target->registers->len; i++)
    {
      const AsternGdbRegister *reg = &g_array_index (target->registers, AsternGdbRegister, i);

      if (g_strcmp0 (feature, reg->feature) != 0)
        {
          g_string_append (xml, feature != NULL ? "</feature>\n" : "");
          begin_feature (xml, reg->feature);
          feature = reg->feature;
        }
      describe_register (xml, reg, i);
    }
  g_string_append (xml, "</feature>\n</target>\n");
  return g_string_free (xml, FALSE);
}

AsternGdbTarget *
astern_gdb_target_new (const AsternCpuClass *klass, gboolean wide, const char *architecture)
{
  AsternGdbTarget *target = g_new0 (AsternGdbTarget, 1);

  target->klass = klass;
  target->wide = wide;
  target->architecture = architecture;
  target->registers = g_array_new (FALSE, FALSE, sizeof (AsternGdbRegister));
  list_registers (target);
  place_registers (target);
  target->xml = describe (target);
  return target;
}

void
astern_gdb_target_free (AsternGdbTarget *target)
{
  g_array_unref (target->registers);
  g_free (target->xml);
  g_free (target);
}

const AsternGdbRegister *
astern_gdb_target_register (const AsternGdbTarget *target, guint64 number)
{
  return number < target->registers->len ? &g_array_index (target->registers, AsternGdbRegister, number) : NULL;
}

guint
astern_gdb_target_role (const AsternGdbTarget *target, AsternGdbRole role)
{
  for (guint i = 0; i < target->registers->len; i++)
    if (g_array_index (target->registers, AsternGdbRegister, i).role == role)
      return i;
  g_return_val_if_reached (0);
}
