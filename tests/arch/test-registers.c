/* test-registers - registers by name: reading, writing, what a CPU could not hold; where it is. */
#include "config.h"

#include "arch/x86/msr.h"
#include "arch/x86/registers.h"
#include "arch/x86/paging.h"
#include "core/machine.h"

#include <string.h>

#define WIDE(value) G_GUINT64_CONSTANT (value)
#define PAGE ASTERN_PAGE_SIZE

typedef struct
{
  AsternMachine      *machine;
  AsternRamBlock     *ram;
  AsternCpu           cpu;
  X86State            s;
  AsternApicInterface apic;
  guint8              tpr;
  guint64             apic_base;
} Fixture;

/* The device that an APIC's functions get is the fixture. */
static guint64
apic_read_msr (AsternDevice *apic, guint32 msr, gboolean *fault)
{
  return ((Fixture *) apic)->apic_base;
}

static void
apic_write_msr (AsternDevice *apic, guint32 msr, guint64 value, gboolean *fault)
{
  if (value & 0xff)
    *fault = TRUE;
  else
    ((Fixture *) apic)->apic_base = value;
}

static guint8
apic_get_tpr (AsternDevice *apic)
{
  return ((Fixture *) apic)->tpr;
}

static void
apic_set_tpr (AsternDevice *apic, guint8 tpr)
{
  ((Fixture *) apic)->tpr = tpr;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (64 * PAGE, NULL);
  f->ram = astern_memory_add (f->machine->memory, "ram", 32 * PAGE, FALSE, NULL);
  astern_bus_add_memory (f->machine->physical, 0, f->ram, 0);
  f->apic = (AsternApicInterface) { .read_msr = apic_read_msr, .write_msr = apic_write_msr,
                                    .get_tpr = apic_get_tpr, .set_tpr = apic_set_tpr };
  f->cpu = (AsternCpu) { .klass = &x86_cpu_class, .machine = f->machine, .state = &f->s,
                         .apic_ops = &f->apic, .apic = (AsternDevice *) f };
  f->machine->clock.s.icount = 1000;
  x86_state_reset (&f->s, TRUE, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
}

/* Paging in long mode, code of 64 bits. */
static void
enter_long_mode (Fixture *f)
{
  f->s.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_ET;
  f->s.cr4 = X86_CR4_PAE;
  f->s.efer = X86_EFER_LME | X86_EFER_LMA;
  f->s.seg[X86_CS].attr = X86_ATTR_P | X86_ATTR_S | 0xb | X86_ATTR_L;
  f->s.cr3 = 0x1000;
}

static void
put8 (Fixture *f, guint64 physical, guint64 value)
{
  memcpy (astern_memory_host (f->machine->memory, f->ram->start + physical), &value, 8);
}

static guint
find (const char *name)
{
  gint index = astern_cpu_find_register (&x86_cpu_class, name);

  if (index < 0)
    g_error ("there is no register %s", name);
  return (guint) index;
}

static guint64
get (Fixture *f, const char *name)
{
  guint8 bytes[16] = { 0 };
  guint64 value;

  x86_cpu_class.read_register (&f->cpu, find (name), bytes);
  memcpy (&value, bytes, 8);
  return value;
}

static gboolean
put (Fixture *f, const char *name, guint64 value)
{
  guint8 bytes[16] = { 0 };

  memcpy (bytes, &value, 8);
  return x86_cpu_class.write_register (&f->cpu, find (name), bytes);
}

/* --- the table --- */

static void
names_are_unique_whatever_their_case (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < x86_cpu_class.n_registers; i++)
    {
      const AsternRegister *reg = &x86_cpu_class.registers[i];

      g_assert_cmpint (astern_cpu_find_register (&x86_cpu_class, reg->name), ==, (gint) i);
      g_assert_true (reg->bits % 8 == 0 && reg->bits > 0 && reg->bits <= 128);
    }
  g_assert_cmpint (astern_cpu_find_register (&x86_cpu_class, "ia32_lstar"), ==, (gint) find ("IA32_LSTAR"));
  g_assert_cmpint (astern_cpu_find_register (&x86_cpu_class, "rax "), ==, -1);
}

static void
every_msr_with_a_state_is_a_register (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < x86_n_msrs; i++)
    g_assert_cmpint (astern_cpu_find_register (&x86_cpu_class, x86_msrs[i].name) >= 0, ==,
                     x86_msrs[i].slot != X86_MSR_NO_SLOT);
}

/* Fields that no register shows. */
static const char *const hidden[] = { "pdpte", "halted", "wait_for_sipi", "shadow", "nmi_blocked", "nmi_pending",
                                      "smi_pending", "init_pending", "sipi_pending", "sipi_vector", "intr", "a20",
                                      "in_smm", "shutdown", "debug_pending", "rep_partial", "smbase", "smm_revision",
                                      "intr_accepted", "intr_vector", "reserved", NULL };

/* Flips each byte of the state and asks whether a register reads otherwise. */
static void
every_field_that_is_not_hidden_is_in_a_register (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < x86_n_state_fields; i++)
    {
      const AsternField *field = &x86_state_fields[i];
      guint n = field->size * field->count, seen = 0;

      for (guint k = 0; k < n; k++)
        {
          guint8 *byte = (guint8 *) &f->s + field->offset + k;
          g_autoptr (GByteArray) before = g_byte_array_new (), after = g_byte_array_new ();

          for (guint pass = 0; pass < 2; pass++)
            {
              for (guint r = 0; r < x86_cpu_class.n_registers; r++)
                {
                  guint8 bytes[16] = { 0 };

                  x86_cpu_class.read_register (&f->cpu, r, bytes);
                  g_byte_array_append (pass ? after : before, bytes, 16);
                }
              *byte ^= 1;
            }
          seen += memcmp (before->data, after->data, before->len) != 0;
        }
      if ((seen == 0) != g_strv_contains (hidden, field->name))
        g_error ("field %s is %s by registers", field->name, seen ? "shown" : "not shown");
    }
}

/* --- writing --- */

/* A value that the register can hold, other than what it holds. */
static void
choose_value (const AsternRegister *reg, guint8 bytes[16])
{
  static const struct { const char *name; guint64 value; } special[] = {
    { "eflags", 0x246 }, { "rflags", 0x246 }, { "flags", 0x246 }, { "cr0", 0x10 }, { "cr3", 0x5000 }, { "cr4", 0x600 },
    { "cr8", 9 }, { "xcr0", 7 }, { "dr6", 0xffff0ff1 }, { "dr7", 0x401 }, { "efer", 0x801 },
    { "fctrl", 0x37f }, { "fstat", 0x3840 }, { "ftag", 0x5557 }, { "mxcsr", 0x1fa0 }, { "IA32_PAT", WIDE (0x0606060606060606) },
    { "IA32_MTRR_DEF_TYPE", 0xc06 }, { "IA32_MISC_ENABLE", 0x441801 }, { "IA32_APIC_BASE", 0xfee00900 },
  };
  guint64 value = WIDE (0x00001234567895a5);

  if (g_str_has_suffix (reg->name, "_base"))
    value = 0x12345678;
  else if (g_str_has_suffix (reg->name, "_limit"))
    value = 0xabcd;
  else if (g_str_has_suffix (reg->name, "_attr"))
    value = 0x4093;
  else if (strstr (reg->name, "MTRR_FIX") != NULL)
    value = WIDE (0x0606060606060606);
  else if (strstr (reg->name, "MTRR_PHYSBASE") != NULL)
    value = 0x80000006;
  else if (strstr (reg->name, "MTRR_PHYSMASK") != NULL)
    value = WIDE (0xff80000800);
  else if (g_str_has_suffix (reg->name, "FMASK") || g_str_has_suffix (reg->name, "TSC_AUX")
           || g_str_has_suffix (reg->name, "SYSENTER_CS") || g_str_has_suffix (reg->name, "rip"))
    value = 0x47700;
  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    if (g_str_equal (special[i].name, reg->name))
      value = special[i].value;
  memset (bytes, 0, 16);
  memcpy (bytes, &value, 8);
  if (reg->bits > 64)
    memset (bytes + 8, 0x5a, reg->bits / 8 - 8);
}

static gboolean
is_fixed (const AsternRegister *reg)
{
  static const char *const fixed[] = { "fiseg", "fioff", "foseg", "fooff", "fop", NULL };

  return g_strv_contains (fixed, reg->name);
}

/* Whether a write of @written may change what @reg reads as. */
static gboolean
follows (const AsternRegister *written, const AsternRegister *reg)
{
  static const char *const tied[][2] = {
    { "cs", "cs_base" }, { "ss", "ss_base" }, { "ds", "ds_base" }, { "es", "es_base" }, { "fs", "fs_base" },
    { "gs", "gs_base" }, { "cs", "cs_attr" }, { "fctrl", "fstat" }, { "fstat", "ftag" },
    { "IA32_TSC_ADJUST", "IA32_TIME_STAMP_COUNTER" }, { "IA32_TIME_STAMP_COUNTER", "IA32_TSC_ADJUST" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tied); i++)
    if (g_str_equal (tied[i][0], written->name) && g_str_equal (tied[i][1], reg->name))
      return TRUE;
  if (g_str_equal (reg->name, "ftag"))
    return g_str_has_prefix (written->name, "st");
  /* Pieces of the same. */
  return g_str_equal (written->group, "alias") || g_str_equal (reg->group, "alias");
}

static void
a_write_is_read_again_and_changes_nothing_else (Fixture *f, gconstpointer data)
{
  const AsternCpuClass *klass = &x86_cpu_class;

  f->apic_base = 0xfee00800;
  for (guint i = 0; i < klass->n_registers; i++)
    {
      g_autofree guint8 *before = g_malloc0 (klass->n_registers * 16);
      guint8 bytes[16], now[16];

      x86_state_reset (&f->s, TRUE, 0);
      choose_value (&klass->registers[i], bytes);
      for (guint k = 0; k < klass->n_registers; k++)
        klass->read_register (&f->cpu, k, before + k * 16);
      if (is_fixed (&klass->registers[i]))
        {
          g_assert_false (klass->write_register (&f->cpu, i, bytes));
          memset (bytes, 0, sizeof bytes);
        }
      if (!klass->write_register (&f->cpu, i, bytes))
        g_error ("%s refuses its value", klass->registers[i].name);
      for (guint k = 0; k < klass->n_registers; k++)
        {
          guint size = klass->registers[k].bits / 8;

          klass->read_register (&f->cpu, k, now);
          if (memcmp (now, k == i ? bytes : before + k * 16, size) != 0
              && (k == i || !follows (&klass->registers[i], &klass->registers[k])))
            g_error ("writing %s: %s is wrong", klass->registers[i].name, klass->registers[k].name);
        }
    }
}

static void
what_is_there_can_be_written (Fixture *f, gconstpointer data)
{
  X86State before;

  memset (&f->s, 0xff, sizeof f->s);     /* nothing of it valid */
  f->apic_base = 0xff;
  before = f->s;
  for (guint i = 0; i < x86_cpu_class.n_registers; i++)
    {
      guint8 bytes[16];

      x86_cpu_class.read_register (&f->cpu, i, bytes);
      g_assert_true (x86_cpu_class.write_register (&f->cpu, i, bytes));
    }
  g_assert_cmpmem (&before, sizeof before, &f->s, sizeof f->s);
}

static void
random_writes_that_are_refused_change_nothing (Fixture *f, gconstpointer data)
{
  guint refused = 0;

  for (guint round = 0; round < 20000; round++)
    {
      guint i = (guint) g_test_rand_int_range (0, (gint) x86_cpu_class.n_registers);
      guint32 words[4];
      X86State before = f->s;
      guint8 tpr = f->tpr;

      for (guint k = 0; k < 4; k++)
        words[k] = (guint32) g_test_rand_int () & (guint32) g_test_rand_int ();
      if (g_test_rand_bit ())
        words[1] = 0;
      if (x86_cpu_class.write_register (&f->cpu, i, (guint8 *) words))
        continue;
      refused++;
      g_assert_cmpmem (&before, sizeof before, &f->s, sizeof f->s);
      g_assert_cmpuint (tpr, ==, f->tpr);
    }
  g_assert_cmpuint (refused, >, 1000);
}

static void
control_registers_refuse_what_paging_could_not_be (Fixture *f, gconstpointer data)
{
  g_assert_false (put (f, "cr0", X86_CR0_PG));                   /* without PE */
  g_assert_false (put (f, "cr0", X86_CR0_NW));                   /* without CD */
  g_assert_false (put (f, "cr0", WIDE (1) << 32));
  g_assert_false (put (f, "cr4", 1 << 12));                      /* LA57 */
  g_assert_false (put (f, "cr4", X86_CR4_PCIDE));                /* outside long mode */
  g_assert_false (put (f, "cr3", WIDE (1) << 32));
  g_assert_false (put (f, "efer", X86_EFER_LMA));
  g_assert_false (put (f, "eflags", 1 << 22));
  g_assert_false (put (f, "eflags", X86_VM));
  g_assert_false (put (f, "xcr0", 5));
  g_assert_false (put (f, "dr6", 1 << 12));
  g_assert_false (put (f, "rip", WIDE (1) << 32));
  g_assert_false (put (f, "mxcsr", 1 << 16));
  g_assert_false (put (f, "cr8", 16));
  enter_long_mode (f);
  g_assert_false (put (f, "cr0", X86_CR0_PE));                   /* 64-bit code without paging */
  g_assert_false (put (f, "cr4", 0));
  g_assert_false (put (f, "efer", 0));
  g_assert_false (put (f, "rip", WIDE (0x800000000000)));
  g_assert_true (put (f, "rip", WIDE (0xffff800000000000)));
  g_assert_true (put (f, "cr3", WIDE (0x7f00001000)));
  g_assert_false (put (f, "cr3", WIDE (1) << 63));
  g_assert_false (put (f, "cs_attr", X86_ATTR_P | X86_ATTR_L | X86_ATTR_DB));
}

static void
bits_that_are_always_one_may_be_left_out (Fixture *f, gconstpointer data)
{
  g_assert_true (put (f, "eflags", 0));
  g_assert_cmphex (get (f, "eflags"), ==, 2);
  g_assert_true (put (f, "dr6", 1));
  g_assert_cmphex (get (f, "dr6"), ==, 0xffff0ff1);
  g_assert_true (put (f, "dr7", 1));
  g_assert_cmphex (get (f, "dr7"), ==, 0x401);
  g_assert_true (put (f, "cr0", 0));
  g_assert_cmphex (get (f, "cr0"), ==, X86_CR0_ET);
  g_assert_true (put (f, "fctrl", 0x33f));
  g_assert_cmphex (get (f, "fctrl"), ==, 0x37f);
}

static void
paging_turned_on_makes_long_mode_active (Fixture *f, gconstpointer data)
{
  f->s.cr0 = X86_CR0_PE | X86_CR0_ET;
  g_assert_true (put (f, "efer", X86_EFER_LME));
  g_assert_false (put (f, "cr0", X86_CR0_PE | X86_CR0_PG));      /* without PAE */
  g_assert_true (put (f, "cr4", X86_CR4_PAE));
  g_assert_true (put (f, "cr0", X86_CR0_PE | X86_CR0_PG));
  g_assert_cmphex (get (f, "efer"), ==, X86_EFER_LME | X86_EFER_LMA);
  g_assert_true (put (f, "cr0", X86_CR0_PE));
  g_assert_cmphex (get (f, "efer"), ==, X86_EFER_LME);
}

static void
pae_latches_its_pointers_or_refuses (Fixture *f, gconstpointer data)
{
  f->s.cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_PG;
  f->s.cr3 = 0x2000;
  put8 (f, 0x2000, 0x3001);
  put8 (f, 0x4000, 0x5001 | 1 << 6);                             /* a reserved bit */
  g_assert_true (put (f, "cr4", X86_CR4_PAE));
  g_assert_cmphex (f->s.pdpte[0], ==, 0x3001);
  g_assert_false (put (f, "cr3", 0x4000));
  g_assert_cmphex (f->s.pdpte[0], ==, 0x3001);
  g_assert_cmphex (f->s.cr3, ==, 0x2000);
}

static void
a_selector_moves_its_base_in_real_mode_only (Fixture *f, gconstpointer data)
{
  g_assert_true (put (f, "ds", 0x1234));
  g_assert_cmphex (get (f, "ds_base"), ==, 0x12340);
  f->s.cr0 |= X86_CR0_PE;
  g_assert_true (put (f, "ds", 0x10));
  g_assert_cmphex (get (f, "ds"), ==, 0x10);
  g_assert_cmphex (get (f, "ds_base"), ==, 0x12340);
}

static void
parts_of_a_register_leave_the_rest_alone (Fixture *f, gconstpointer data)
{
  f->s.gpr[X86_RBX] = WIDE (0x1122334455667788);
  g_assert_cmphex (get (f, "ebx"), ==, 0x55667788);
  g_assert_cmphex (get (f, "bh"), ==, 0x77);
  g_assert_true (put (f, "bl", 0xbb));
  g_assert_true (put (f, "bh", 0xaa));
  g_assert_cmphex (f->s.gpr[X86_RBX], ==, WIDE (0x112233445566aabb));
  g_assert_true (put (f, "ebx", 0));
  g_assert_cmphex (f->s.gpr[X86_RBX], ==, WIDE (0x1122334400000000));
}

static void
tags_tell_what_is_in_the_stack (Fixture *f, gconstpointer data)
{
  static const guint8 one[10] = { [7] = 0x80, [8] = 0xff, [9] = 0x3f };
  static const guint8 infinity[10] = { [7] = 0x80, [8] = 0xff, [9] = 0x7f };

  f->s.fsw = 6 << 11;                     /* ST0 is register 6 */
  f->s.ftw = 0xc1;
  memcpy (f->s.st[0], one, 10);
  memcpy (f->s.st[2], infinity, 10);      /* register 0; 7 is zero */
  g_assert_cmphex (get (f, "ftag"), ==, 0x4ffe);
  g_assert_true (put (f, "ftag", 0xffff));
  g_assert_cmphex (f->s.ftw, ==, 0);
  g_assert_true (put (f, "fctrl", 0x37e));
  g_assert_true (put (f, "fstat", 1));    /* IE, not masked */
  g_assert_cmphex (get (f, "fstat"), ==, 0x8081);
}

static void
without_an_apic_its_registers_are_zero (Fixture *f, gconstpointer data)
{
  f->tpr = 7;
  g_assert_cmphex (get (f, "cr8"), ==, 7);
  f->cpu.apic_ops = NULL;
  g_assert_cmphex (get (f, "cr8"), ==, 0);
  g_assert_cmphex (get (f, "IA32_APIC_BASE"), ==, 0);
  g_assert_false (put (f, "cr8", 1));
}

static void
the_time_stamp_is_guest_time (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (get (f, "IA32_TIME_STAMP_COUNTER"), ==, 1000);
  g_assert_true (put (f, "IA32_TIME_STAMP_COUNTER", 5000));
  f->machine->clock.s.icount += 10;
  g_assert_cmpuint (get (f, "IA32_TIME_STAMP_COUNTER"), ==, 5010);
}

/* --- where it is --- */

static void
code_is_where_the_mode_has_it (Fixture *f, gconstpointer data)
{
  AsternCodePlace place;

  x86_cpu_class.code_place (&f->cpu, &place);
  g_assert_cmpuint (place.bits, ==, 16);
  g_assert_cmphex (place.linear, ==, 0xfffffff0);
  f->s.seg[X86_CS].attr |= X86_ATTR_DB;
  f->s.rip = 0x20000;
  x86_cpu_class.code_place (&f->cpu, &place);
  g_assert_cmpuint (place.bits, ==, 32);
  g_assert_cmphex (place.linear, ==, 0x10000);           /* it wraps */
  enter_long_mode (f);
  f->s.rip = WIDE (0xffffffff81000000);
  x86_cpu_class.code_place (&f->cpu, &place);
  g_assert_cmpuint (place.bits, ==, 64);
  g_assert_cmphex (place.linear, ==, WIDE (0xffffffff81000000));
}

static void
the_stack_is_where_the_mode_has_it (Fixture *f, gconstpointer data)
{
  f->s.seg[X86_SS].base = 0x10000;
  f->s.gpr[X86_RSP] = 0x20010;
  g_assert_cmphex (x86_cpu_class.stack_linear (&f->cpu), ==, 0x10010);
  f->s.seg[X86_SS].attr |= X86_ATTR_DB;
  g_assert_cmphex (x86_cpu_class.stack_linear (&f->cpu), ==, 0x30010);
  enter_long_mode (f);
  g_assert_cmphex (x86_cpu_class.stack_linear (&f->cpu), ==, 0x20010);
}

static void
modes_have_names (Fixture *f, gconstpointer data)
{
  g_assert_cmpstr (x86_cpu_class.mode_name (&f->cpu), ==, "real");
  f->s.cr0 |= X86_CR0_PE;
  g_assert_cmpstr (x86_cpu_class.mode_name (&f->cpu), ==, "protected 16-bit");
  f->s.rflags |= X86_VM;
  g_assert_cmpstr (x86_cpu_class.mode_name (&f->cpu), ==, "virtual 8086");
  f->s.rflags &= ~(guint64) X86_VM;
  enter_long_mode (f);
  g_assert_cmpstr (x86_cpu_class.mode_name (&f->cpu), ==, "long 64-bit");
  f->s.seg[X86_CS].attr ^= X86_ATTR_L | X86_ATTR_DB;
  g_assert_cmpstr (x86_cpu_class.mode_name (&f->cpu), ==, "compatibility 32-bit");
}

/* A table at 0x1000 whose last level maps linear 0x5000 (a user's page, while SMAP is on) to 0x6000. */
static void
map_a_page (Fixture *f)
{
  enter_long_mode (f);
  f->s.cr4 |= X86_CR4_SMAP;
  put8 (f, 0x1000, 0x2000 | 7);
  put8 (f, 0x2000, 0x3000 | 7);
  put8 (f, 0x3000, 0x4000 | 7);
  put8 (f, 0x4000 + 5 * 8, 0x6000 | 5);
  put8 (f, 0x4000 + 6 * 8, 0x7000 | 5 | WIDE (1) << 51);      /* a reserved bit */
}

static void
translation_looks_past_rights_and_sets_no_bits (Fixture *f, gconstpointer data)
{
  guint64 physical = 0, hash;

  map_a_page (f);
  hash = astern_memory_hash_block (f->machine->memory, f->ram);
  g_assert_true (x86_cpu_class.translate (&f->cpu, 0x5123, &physical));
  g_assert_cmphex (physical, ==, 0x6123);
  g_assert_cmphex (astern_memory_hash_block (f->machine->memory, f->ram), ==, hash);
}

static void
what_is_not_mapped_has_no_physical_address (Fixture *f, gconstpointer data)
{
  guint64 physical;

  map_a_page (f);
  g_assert_false (x86_cpu_class.translate (&f->cpu, 0x6000, &physical));
  g_assert_false (x86_cpu_class.translate (&f->cpu, 0x7000, &physical));
  g_assert_false (x86_cpu_class.translate (&f->cpu, WIDE (0x8000000000005000), &physical));
}

static void
the_a20_gate_is_applied (Fixture *f, gconstpointer data)
{
  guint64 physical;

  g_assert_true (x86_cpu_class.translate (&f->cpu, 0x100010, &physical));
  g_assert_cmphex (physical, ==, 0x100010);
  f->s.a20 = 0;
  g_assert_true (x86_cpu_class.translate (&f->cpu, 0x100010, &physical));
  g_assert_cmphex (physical, ==, 0x10);
}

#define ADD(name) g_test_add ("/arch/x86/registers/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (names_are_unique_whatever_their_case);
  ADD (every_msr_with_a_state_is_a_register);
  ADD (every_field_that_is_not_hidden_is_in_a_register);
  ADD (a_write_is_read_again_and_changes_nothing_else);
  ADD (what_is_there_can_be_written);
  ADD (random_writes_that_are_refused_change_nothing);
  ADD (control_registers_refuse_what_paging_could_not_be);
  ADD (bits_that_are_always_one_may_be_left_out);
  ADD (paging_turned_on_makes_long_mode_active);
  ADD (pae_latches_its_pointers_or_refuses);
  ADD (a_selector_moves_its_base_in_real_mode_only);
  ADD (parts_of_a_register_leave_the_rest_alone);
  ADD (tags_tell_what_is_in_the_stack);
  ADD (without_an_apic_its_registers_are_zero);
  ADD (the_time_stamp_is_guest_time);
  ADD (code_is_where_the_mode_has_it);
  ADD (the_stack_is_where_the_mode_has_it);
  ADD (modes_have_names);
  ADD (translation_looks_past_rights_and_sets_no_bits);
  ADD (what_is_not_mapped_has_no_physical_address);
  ADD (the_a20_gate_is_applied);
  return g_test_run ();
}
