/* test-kallsyms - a kernel's table of symbols, made here in every shape that kernels have had, and found again. */
#include "config.h"

#include "arch/x86/paging.h"
#include "launch/kallsyms.h"
#include "launch/symbols-kallsyms.h"

#include <string.h>

#define WIDE(value) G_GUINT64_CONSTANT (value)
#define N 3000
#define N_PERCPU 40
#define TEXT WIDE (0xffffffff81000000)
#define TEXT_32 WIDE (0xc1000000)

typedef struct
{
  const char        *name;
  guint              word, marker;
  AsternKallsymsForm form;
  gboolean           tokens_first;      /* the order since 6.4 */
  guint              seq_bytes;         /* of seqs_of_names between markers and tokens */
} Shape;

static const Shape shapes[] = {
  { "4.6, 64 bits",       8, 8, ASTERN_KALLSYMS_PERCPU,    FALSE, 0 },
  { "4.6, 32 bits",       4, 4, ASTERN_KALLSYMS_RELATIVE,  FALSE, 0 },
  { "5.0, 64 bits",       8, 4, ASTERN_KALLSYMS_PERCPU,    FALSE, 0 },
  { "5.0, one CPU",       8, 4, ASTERN_KALLSYMS_RELATIVE,  FALSE, 0 },
  { "5.0, absolute",      8, 4, ASTERN_KALLSYMS_ADDRESSES, FALSE, 0 },
  { "5.0, absolute, 32",  4, 4, ASTERN_KALLSYMS_ADDRESSES, FALSE, 0 },
  { "6.1.60, 64 bits",    8, 4, ASTERN_KALLSYMS_PERCPU,    FALSE, 3 },
  { "6.1.60, 32 bits",    4, 4, ASTERN_KALLSYMS_RELATIVE,  FALSE, 3 },
  { "between, four bytes", 8, 4, ASTERN_KALLSYMS_PERCPU,   FALSE, 4 },
  { "6.4, 64 bits",       8, 4, ASTERN_KALLSYMS_PERCPU,    TRUE,  0 },
  { "6.4, 32 bits",       4, 4, ASTERN_KALLSYMS_RELATIVE,  TRUE,  0 },
  { "6.15, 64 bits",      8, 4, ASTERN_KALLSYMS_RELATIVE,  TRUE,  0 },
  { "6.4, absolute",      8, 4, ASTERN_KALLSYMS_ADDRESSES, TRUE,  0 },
};

/* ---- making one ---- */

typedef struct
{
  char    *tokens[256];
  GString *names[N];           /* with their type */
  GByteArray *compressed[N];
  guint64  addresses[N];
  guint64  base;
} Kernel;

static void
make_tokens (Kernel *k)
{
  static const char *const pieces[] = { "read", "write_", "in", "st", "_lock", "init", "er", "get_" };

  for (guint i = 0; i < 256; i++)
    if (g_ascii_isalnum (i) || i == '_' || i == '.')
      k->tokens[i] = g_strdup_printf ("%c", i);
    else
      k->tokens[i] = g_strdup_printf ("%s%s", pieces[i % 8], pieces[i / 8 % 8]);
}

static void
add_token (Kernel *k, guint i, guint token)
{
  guint8 byte = (guint8) token;

  g_byte_array_append (k->compressed[i], &byte, 1);
  g_string_append (k->names[i], k->tokens[token]);
}

static void
make_name (Kernel *k, guint i, const char *fixed)
{
  guint length = i == 77 ? 150 : (guint) g_test_rand_int_range (1, 12);      /* one with two bytes of length */

  k->names[i] = g_string_new (NULL);
  k->compressed[i] = g_byte_array_new ();
  add_token (k, i, (guint) "TtDdbR"[i % 6]);
  if (fixed != NULL)
    while (*fixed != '\0')
      add_token (k, i, (guint8) *fixed++);
  else
    while (length-- > 0)
      add_token (k, i, (guint) g_test_rand_int_range (0, 256));
}

static Kernel *
make_kernel (const Shape *shape)
{
  Kernel *k = g_new0 (Kernel, 1);
  guint percpu = shape->form == ASTERN_KALLSYMS_PERCPU ? N_PERCPU : 0;
  guint64 at;

  k->base = shape->word == 8 ? TEXT : TEXT_32;
  at = k->base;
  make_tokens (k);
  for (guint i = 0; i < N; i++)
    {
      make_name (k, i, i == percpu ? "_text" : i == N - 1 ? "_end" : NULL);
      if (i < percpu)
        k->addresses[i] = i * 16;
      else
        {
          k->addresses[i] = i == N - 1 ? k->base + 0x180000 : at;
          at += (guint64) g_test_rand_int_range (0, 256);
        }
    }
  return k;
}

static void
kernel_free (Kernel *k)
{
  for (guint i = 0; i < 256; i++)
    g_free (k->tokens[i]);
  for (guint i = 0; i < N; i++)
    {
      g_string_free (k->names[i], TRUE);
      g_byte_array_unref (k->compressed[i]);
    }
  g_free (k);
}

static void
put (GByteArray *out, guint64 value, guint bytes)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (out, (guint8 *) &value, bytes);
}

static void
pad (GByteArray *out, guint to)
{
  while (out->len % to != 0)
    put (out, 0, 1);
}

static void
put_addresses (const Kernel *k, const Shape *shape, GByteArray *out)
{
  pad (out, shape->word);
  for (guint i = 0; i < N; i++)
    switch (shape->form)
      {
      case ASTERN_KALLSYMS_ADDRESSES: put (out, k->addresses[i], shape->word); break;
      case ASTERN_KALLSYMS_RELATIVE:  put (out, k->addresses[i] - k->base, 4); break;
      case ASTERN_KALLSYMS_PERCPU:
        put (out, k->addresses[i] < k->base ? k->addresses[i] : k->base - 1 - k->addresses[i], 4);
        break;
      }
  pad (out, shape->word);
  if (shape->form != ASTERN_KALLSYMS_ADDRESSES)
    put (out, k->base, shape->word);
}

static void
put_names (const Kernel *k, const Shape *shape, GByteArray *out)
{
  guint64 markers[N / 256 + 1];
  guint start;

  pad (out, shape->word);
  put (out, N, shape->marker);
  pad (out, shape->word);
  start = out->len;
  for (guint i = 0; i < N; i++)
    {
      guint length = k->compressed[i]->len;

      if (i % 256 == 0)
        markers[i / 256] = out->len - start;
      if (length < 128)
        put (out, length, 1);
      else
        put (out, (length & 0x7f) | 0x80 | (length >> 7) << 8, 2);
      g_byte_array_append (out, k->compressed[i]->data, length);
    }
  pad (out, shape->word);
  for (guint i = 0; i < (N + 255) / 256; i++)
    put (out, markers[i], shape->marker);
  pad (out, shape->word);
  for (guint i = 0; i < N && shape->seq_bytes > 0; i++)
    {
      guint32 seq = (guint32) g_test_rand_int_range (0, N);

      if (shape->seq_bytes == 3)
        seq = GUINT32_SWAP_LE_BE (seq) >> 8;
      put (out, seq, shape->seq_bytes);
    }
}

static void
put_tokens (const Kernel *k, const Shape *shape, GByteArray *out)
{
  guint offsets[256], start;

  pad (out, shape->word);
  start = out->len;
  for (guint i = 0; i < 256; i++)
    {
      offsets[i] = out->len - start;
      g_byte_array_append (out, (guint8 *) k->tokens[i], (guint) strlen (k->tokens[i]) + 1);
    }
  pad (out, shape->word);
  for (guint i = 0; i < 256; i++)
    put (out, offsets[i], 2);
}

/* Random bytes, the table, random bytes.  Two pages before it there is something that looks like its tokens. */
static GByteArray *
make_memory (const Kernel *k, const Shape *shape)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; i < 0x2000 / 4; i++)
    put (out, (guint32) g_test_rand_int (), 4);
  memcpy (out->data + 0x100, "0\0001\0002\0003\0004\0005\0006\0007\0008\0009", 20);
  if (!shape->tokens_first)
    put_addresses (k, shape, out);
  put_names (k, shape, out);
  put_tokens (k, shape, out);
  if (shape->tokens_first)
    put_addresses (k, shape, out);
  pad (out, 8);
  for (guint i = 0; i < 0x2000 / 4; i++)
    put (out, (guint32) g_test_rand_int (), 4);
  return out;
}

/* ---- finding it ---- */

typedef struct { const Kernel *kernel; guint next; } Check;

static gboolean
check_symbol (const char *name, char type, guint64 address, gpointer user)
{
  Check *check = user;

  g_assert_cmpuint (check->next, <, N);
  g_assert_cmpstr (name, ==, check->kernel->names[check->next]->str + 1);
  g_assert_cmpint (type, ==, check->kernel->names[check->next]->str[0]);
  g_assert_cmphex (address, ==, check->kernel->addresses[check->next]);
  check->next++;
  return TRUE;
}

static void
a_table_of_each_shape_is_read (gconstpointer data)
{
  const Shape *shape = data;
  Kernel *kernel = make_kernel (shape);
  g_autoptr (GByteArray) memory = make_memory (kernel, shape);
  AsternKallsyms found;
  Check check = { kernel, 0 };

  g_assert_true (astern_kallsyms_find (memory->data, memory->len, 0, &found));
  g_assert_cmpuint (found.word, ==, shape->word);
  g_assert_cmpint (found.form, ==, shape->form);
  g_assert_cmpuint (found.n, ==, N);
  astern_kallsyms_each (&found, check_symbol, &check);
  g_assert_cmpuint (check.next, ==, N);
  g_assert_false (astern_kallsyms_find (memory->data, memory->len, found.token_index, &found));
  kernel_free (kernel);
}

static gboolean
count_symbol (const char *name, char type, guint64 address, gpointer user)
{
  (*(guint *) user)++;
  return TRUE;
}

/* Whatever a guest writes into it, reading stays inside the memory: the sanitizers see to that. */
static void
damaged_tables_are_refused_or_read (void)
{
  for (guint round = 0; round < 300; round++)
    {
      const Shape *shape = &shapes[round % G_N_ELEMENTS (shapes)];
      Kernel *kernel = make_kernel (shape);
      g_autoptr (GByteArray) memory = make_memory (kernel, shape);
      gsize size = round % 3 == 0 ? (gsize) g_test_rand_int_range (0, (gint) memory->len) : memory->len;
      g_autofree guint8 *copy = g_memdup2 (memory->data, size);
      AsternKallsyms found;
      guint n = 0;

      for (gint k = g_test_rand_int_range (0, 4); k > 0 && size > 0; k--)
        copy[g_test_rand_int_range (0, (gint) size)] = (guint8) g_test_rand_int ();
      if (astern_kallsyms_find (copy, size, 0, &found))
        astern_kallsyms_each (&found, count_symbol, &n);
      g_assert_cmpuint (n, <=, N);
      kernel_free (kernel);
    }
}

/* ---- in a machine ---- */

typedef struct
{
  AsternMachine *machine;
  AsternCpu      cpu;
  X86State       s;
  Kernel        *kernel;
} Machine;

#define KERNEL_AT 0x200000      /* where its first page lies */
#define TABLES_AT 0x1000

static void
put_entry (Machine *m, guint64 table, guint index, guint64 entry)
{
  memcpy (astern_memory_host (m->machine->memory, table + index * 8), &entry, 8);
}

/* A kernel at 2 MiB, and page tables that map it where it is linked to. */
static void
make_machine (Machine *m, const Shape *shape)
{
  AsternRamBlock *ram;
  g_autoptr (GByteArray) image = NULL;

  m->machine = astern_machine_new (8 << 20, NULL);
  ram = astern_memory_add (m->machine->memory, "ram", 6 << 20, FALSE, NULL);
  astern_bus_add_memory (m->machine->physical, 0, ram, 0);
  x86_state_reset (&m->s, TRUE, 0);
  m->cpu = (AsternCpu) { .klass = &x86_cpu_class, .machine = m->machine, .state = &m->s };
  astern_machine_add_cpu (m->machine, &m->cpu);
  m->kernel = make_kernel (shape);
  image = make_memory (m->kernel, shape);
  memcpy (astern_memory_host (m->machine->memory, ram->start + KERNEL_AT), image->data, image->len);
  put_entry (m, TABLES_AT, 511, 0x2000 | 3);
  put_entry (m, 0x2000, 510, 0x3000 | 3);
  put_entry (m, 0x3000, 8, KERNEL_AT | 3 | X86_PTE_PS);
}

static void
free_machine (Machine *m)
{
  m->machine->n_cpus = 0;
  astern_machine_free (m->machine);
  kernel_free (m->kernel);
}

static void
enter_kernel (Machine *m, guint64 cr3)
{
  m->s.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_ET;
  m->s.cr4 = X86_CR4_PAE;
  m->s.efer = X86_EFER_LME | X86_EFER_LMA;
  m->s.cr3 = cr3;
}

static void
a_kernel_that_does_not_run_yet_is_not_taken (void)
{
  Machine m = { 0 };
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GError) error = NULL, other = NULL;

  make_machine (&m, &shapes[2]);
  g_assert_false (astern_symbols_find_kallsyms (m.machine, symbols, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "yet"));
  enter_kernel (&m, TABLES_AT);
  put_entry (&m, 0x3000, 8, 0x400000 | 3 | X86_PTE_PS);      /* mapped, and not to this copy */
  g_assert_false (astern_symbols_find_kallsyms (m.machine, symbols, &other));
  g_assert_error (other, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (astern_symbols_sources (symbols), ==, 0);
  free_machine (&m);
}

static void
a_kernel_that_runs_gives_its_names (void)
{
  Machine m = { 0 };
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GError) error = NULL;
  AsternSymbol found;

  make_machine (&m, &shapes[2]);
  enter_kernel (&m, TABLES_AT);
  for (guint twice = 0; twice < 2; twice++)      /* the second takes the place of the first */
    {
      astern_symbols_find_kallsyms (m.machine, symbols, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (astern_symbols_sources (symbols), ==, 1);
      g_assert_cmpuint (astern_symbols_count (symbols), ==, N);
    }
  g_assert_true (astern_symbols_lookup (symbols, "_text", &found));
  g_assert_cmphex (found.address, ==, TEXT);
  free_machine (&m);
}

/* A process runs; its tables lack the kernel, which has its own in the page before. */
static void
page_table_isolation_does_not_hide_a_kernel (void)
{
  Machine m = { 0 };
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GError) error = NULL;

  make_machine (&m, &shapes[2]);
  put_entry (&m, 0x4000, 511, 0x2000 | 3);
  put_entry (&m, TABLES_AT, 511, 0);
  enter_kernel (&m, 0x5000);
  astern_symbols_find_kallsyms (m.machine, symbols, &error);
  g_assert_no_error (error);
  g_assert_cmphex (m.s.cr3, ==, 0x5000);
  free_machine (&m);
}

static void
memory_without_a_kernel_is_told (void)
{
  Machine m = { 0 };
  g_autoptr (AsternSymbols) symbols = astern_symbols_new ();
  g_autoptr (GError) error = NULL;

  make_machine (&m, &shapes[2]);
  memset (astern_memory_host (m.machine->memory, KERNEL_AT), 0, 2 << 20);
  g_assert_false (astern_symbols_find_kallsyms (m.machine, symbols, &error));
  g_assert_nonnull (strstr (error->message, "-symbols"));
  free_machine (&m);
}

#define ADD(name) g_test_add_func ("/launch/kallsyms/" #name, name)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *name = g_strdup_printf ("/launch/kallsyms/a_table_of_each_shape_is_read/%s", shapes[i].name);

      g_test_add_data_func (name, &shapes[i], a_table_of_each_shape_is_read);
    }
  ADD (damaged_tables_are_refused_or_read);
  ADD (a_kernel_that_does_not_run_yet_is_not_taken);
  ADD (a_kernel_that_runs_gives_its_names);
  ADD (page_table_isolation_does_not_hide_a_kernel);
  ADD (memory_without_a_kernel_is_told);
  return g_test_run ();
}
