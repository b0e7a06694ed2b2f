/* Kernels of each format, made here, and what becomes of them when their
 * headers are damaged. */
#include "config.h"

#include "core/bytes.h"
#include "launch/image.h"
#include "launch/options.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* 64 MiB with the usual hole below 1 MiB. */
static const AsternE820 map[] = {
  { 0, 0x9fc00, ASTERN_E820_RAM },
  { 0x9fc00, 0x60400, ASTERN_E820_RESERVED },
  { MIB, 63 * MIB, ASTERN_E820_RAM },
  { G_GUINT64_CONSTANT (0xfffc0000), 0x40000, ASTERN_E820_RESERVED },
};

static AsternBootRequest
request_for (GBytes *kernel)
{
  return (AsternBootRequest) {
    .name = "kernel", .kernel = kernel, .append = "console=ttyS0", .map = map, .n_map = G_N_ELEMENTS (map),
    .rsdp = 0xf5000, .long_mode = TRUE,
  };
}

/* A bzImage of protocol 2.15: four setup sectors, 64 KiB of kernel. */
static guint8 *
make_linux (gsize *size)
{
  guint8 *file = g_malloc0 (*size = 5 * 512 + 65536);

  file[0x1f1] = 4;
  astern_put_le16 (file + 0x1fe, 0xaa55);
  file[0x200] = 0xeb;
  file[0x201] = 0x6a;
  memcpy (file + 0x202, "HdrS", 4);
  astern_put_le16 (file + 0x206, 0x020f);
  file[0x211] = 1;
  astern_put_le32 (file + 0x214, 0x100000);
  astern_put_le32 (file + 0x22c, 0x7fffffff);
  astern_put_le32 (file + 0x230, 0x200000);
  file[0x234] = 1;
  astern_put_le16 (file + 0x236, 1);
  astern_put_le32 (file + 0x238, 2047);
  astern_put_le64 (file + 0x258, 0x1000000);
  astern_put_le32 (file + 0x260, 0x800000);
  memset (file + 5 * 512, 0x90, 65536);
  return file;
}

/* A 32-bit ELF program of 4 KiB at 1 MiB with a page of zeros behind it, a
 * multiboot header, and a PVH note when asked for. */
static guint8 *
make_elf (gsize *size, gboolean multiboot)
{
  guint8 *file = g_malloc0 (*size = 0x2000);

  memcpy (file, "\177ELF\1\1\1", 7);
  astern_put_le16 (file + 16, 2);
  astern_put_le16 (file + 18, 3);
  astern_put_le32 (file + 24, 0xc0100010);
  astern_put_le32 (file + 28, 52);
  astern_put_le16 (file + 42, 32);
  astern_put_le16 (file + 44, 2);
  /* PT_LOAD: 0x1000 bytes from file offset 0x1000 */
  astern_put_le32 (file + 52, 1);
  astern_put_le32 (file + 56, 0x1000);
  astern_put_le32 (file + 60, 0xc0100000);
  astern_put_le32 (file + 64, 0x100000);
  astern_put_le32 (file + 68, 0x1000);
  astern_put_le32 (file + 72, 0x2000);
  /* PT_NOTE at file offset 0x200 */
  astern_put_le32 (file + 84, 4);
  astern_put_le32 (file + 88, 0x200);
  astern_put_le32 (file + 100, 20);
  astern_put_le32 (file + 0x200, 4);
  astern_put_le32 (file + 0x204, 4);
  astern_put_le32 (file + 0x208, 18);
  memcpy (file + 0x20c, "Xen", 4);
  astern_put_le32 (file + 0x210, 0x100020);
  if (multiboot)
    {
      astern_put_le32 (file + 0x1000, 0x1badb002);
      astern_put_le32 (file + 0x1004, 3);
      astern_put_le32 (file + 0x1008, -(0x1badb002u + 3));
    }
  return file;
}

static const AsternImagePiece *
piece_named (const AsternImage *image, const char *what)
{
  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);

      if (g_str_equal (piece->what, what))
        return piece;
    }
  g_error ("there is no piece “%s”", what);
}

static const guint8 *
bytes_of (const AsternImage *image, const char *what)
{
  return g_bytes_get_data (piece_named (image, what)->data, NULL);
}

static void
linux_is_entered_in_64_bits_where_it_prefers_to_be (void)
{
  gsize size;
  g_autoptr (GBytes) kernel = NULL;
  g_autoptr (AsternImage) image = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *file = make_linux (&size);
  AsternBootRequest request;
  const guint8 *params;

  kernel = g_bytes_new_take (file, size);
  request = request_for (kernel);
  image = astern_load_kernel (&request, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->format, ==, "Linux");
  g_assert_cmpint (image->mode, ==, ASTERN_ENTRY_LONG);
  g_assert_cmphex (image->rip, ==, 0x1000200);
  params = bytes_of (image, "boot parameters");
  g_assert_cmphex (image->rsi, ==, piece_named (image, "boot parameters")->address);
  g_assert_cmpint (params[0x1e8], ==, G_N_ELEMENTS (map));
  g_assert_cmphex (astern_get_le64 (params + 0x2d0 + 20), ==, 0x9fc00);
  g_assert_cmpint (astern_get_le32 (params + 0x2d0 + 36), ==, ASTERN_E820_RESERVED);
  g_assert_cmphex (astern_get_le64 (params + 0x70), ==, 0xf5000);
  g_assert_cmphex (astern_get_le32 (params + 0x228), ==, piece_named (image, "command line")->address);
  g_assert_cmpstr ((const char *) bytes_of (image, "command line"), ==, "console=ttyS0");
}

static void
linux_gets_a_seed_through_its_setup_data (void)
{
  static const guint8 seed[ASTERN_BOOT_SEED_SIZE] = { 1, 2, 3, 4 };
  gsize size;
  guint8 *file = make_linux (&size);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (AsternImage) image = NULL;
  AsternBootRequest request = request_for (kernel);
  const guint8 *entry;

  request.seed = seed;
  image = astern_load_kernel (&request, NULL);
  g_assert_cmphex (astern_get_le64 (bytes_of (image, "boot parameters") + 0x250), ==,
                   piece_named (image, "random seed")->address);
  entry = bytes_of (image, "random seed");
  g_assert_cmpint (astern_get_le32 (entry + 8), ==, 9);
  g_assert_cmpmem (entry + 16, astern_get_le32 (entry + 12), seed, sizeof seed);
}

static void
linux_is_entered_in_32_bits_on_a_cpu_without_long_mode (void)
{
  gsize size;
  guint8 *file = make_linux (&size);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (AsternImage) image = NULL;
  AsternBootRequest request = request_for (kernel);

  request.long_mode = FALSE;
  image = astern_load_kernel (&request, NULL);
  g_assert_cmpint (image->mode, ==, ASTERN_ENTRY_PROTECTED);
  g_assert_cmphex (image->rip, ==, 0x1000000);
}

static void
linux_moves_down_when_memory_ends_before_its_place (void)
{
  const AsternE820 small[] = { { 0, 0x9fc00, ASTERN_E820_RAM }, { MIB, 15 * MIB, ASTERN_E820_RAM } };
  gsize size;
  guint8 *file = make_linux (&size);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (AsternImage) image = NULL;
  g_autoptr (GError) error = NULL;
  AsternBootRequest request = request_for (kernel);

  request.map = small;
  request.n_map = 2;
  image = astern_load_kernel (&request, &error);
  g_assert_no_error (error);
  g_assert_cmphex (image->rip, ==, 0x200200);
}

static void
the_initrd_lies_high_but_within_the_kernels_reach (void)
{
  gsize size;
  guint8 *file = make_linux (&size);
  g_autoptr (GBytes) kernel = NULL;
  g_autoptr (GBytes) data = g_bytes_new_take (g_malloc0 (5000), 5000);
  AsternBootModule module = { data, NULL };
  g_autoptr (AsternImage) image = NULL;
  AsternBootRequest request;

  astern_put_le32 (file + 0x22c, 40 * MIB - 1);
  kernel = g_bytes_new_take (file, size);
  request = request_for (kernel);
  request.modules = &module;
  request.n_modules = 1;
  image = astern_load_kernel (&request, NULL);
  g_assert_cmphex (piece_named (image, "initrd")->address, ==, 40 * MIB - 8192);
  g_assert_cmphex (astern_get_le32 (bytes_of (image, "boot parameters") + 0x218), ==, 40 * MIB - 8192);
  g_assert_cmpint (astern_get_le32 (bytes_of (image, "boot parameters") + 0x21c), ==, 5000);
}

static void
an_initrd_that_does_not_fit_is_an_error (void)
{
  gsize size;
  guint8 *file = make_linux (&size);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (GBytes) data = g_bytes_new_take (g_malloc0 (60 * MIB), 60 * MIB);
  AsternBootModule module = { data, NULL };
  g_autoptr (GError) error = NULL;
  AsternBootRequest request = request_for (kernel);

  request.modules = &module;
  request.n_modules = 1;
  g_assert_null (astern_load_kernel (&request, &error));
  g_assert_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_MEMORY);
}

static void
multiboot_gets_its_information_and_modules (void)
{
  gsize size;
  guint8 *file = make_elf (&size, TRUE);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (GBytes) data = g_bytes_new_static ("module", 6);
  char arguments[] = "an argument";
  AsternBootModule module = { data, arguments };
  g_autoptr (AsternImage) image = NULL;
  g_autoptr (GError) error = NULL;
  AsternBootRequest request = request_for (kernel);
  const guint8 *info;
  guint64 at;

  request.modules = &module;
  request.n_modules = 1;
  image = astern_load_kernel (&request, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->format, ==, "multiboot");
  g_assert_cmphex (image->rax, ==, 0x2badb002);
  g_assert_cmphex (image->rip, ==, 0x100010);   /* the entry was a virtual address */
  info = bytes_of (image, "multiboot information");
  at = image->rbx;
  g_assert_cmpint (astern_get_le32 (info + 4), ==, 639);
  g_assert_cmpint (astern_get_le32 (info + 8), ==, 63 * 1024);
  g_assert_cmpstr ((const char *) info + astern_get_le32 (info + 16) - at, ==, "kernel console=ttyS0");
  g_assert_cmpint (astern_get_le32 (info + 20), ==, 1);
  info += astern_get_le32 (info + 24) - at;
  g_assert_cmphex (astern_get_le32 (info), ==, piece_named (image, "module")->address);
  g_assert_cmphex (astern_get_le32 (info) % 4096, ==, 0);
  g_assert_cmpint (astern_get_le32 (info + 4) - astern_get_le32 (info), ==, 6);
}

static void
multiboot_addresses_in_the_header_count_more_than_elf (void)
{
  gsize size = 4096;
  guint8 *file = g_malloc0 (size);
  g_autoptr (GBytes) kernel = NULL;
  g_autoptr (AsternImage) image = NULL;
  AsternBootRequest request;

  astern_put_le32 (file + 0x40, 0x1badb002);
  astern_put_le32 (file + 0x44, 0x10003);
  astern_put_le32 (file + 0x48, -(0x1badb002u + 0x10003));
  astern_put_le32 (file + 0x4c, 0x200040);   /* header */
  astern_put_le32 (file + 0x50, 0x200020);   /* load */
  astern_put_le32 (file + 0x54, 0x200120);   /* load end */
  astern_put_le32 (file + 0x58, 0x201000);   /* bss end */
  astern_put_le32 (file + 0x5c, 0x200060);   /* entry */
  kernel = g_bytes_new_take (file, size);
  request = request_for (kernel);
  image = astern_load_kernel (&request, NULL);
  g_assert_nonnull (image);
  g_assert_cmphex (image->rip, ==, 0x200060);
  g_assert_cmphex (piece_named (image, "program")->address, ==, 0x200020);
  g_assert_cmphex (piece_named (image, "program")->size, ==, 0xfe0);
  g_assert_cmpint (g_bytes_get_size (piece_named (image, "program")->data), ==, 0x100);
}

static void
pvh_is_entered_at_its_note (void)
{
  gsize size;
  guint8 *file = make_elf (&size, FALSE);
  g_autoptr (GBytes) kernel = g_bytes_new_take (file, size);
  g_autoptr (AsternImage) image = NULL;
  g_autoptr (GError) error = NULL;
  AsternBootRequest request = request_for (kernel);
  const guint8 *info;

  image = astern_load_kernel (&request, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->format, ==, "PVH");
  g_assert_cmphex (image->rip, ==, 0x100020);
  info = bytes_of (image, "start information");
  g_assert_cmphex (astern_get_le32 (info), ==, 0x336ec578);
  g_assert_cmphex (astern_get_le64 (info + 32), ==, 0xf5000);
  g_assert_cmpint (astern_get_le32 (info + 48), ==, G_N_ELEMENTS (map));
  g_assert_cmpstr ((const char *) info + astern_get_le64 (info + 24) - image->rbx, ==, "console=ttyS0");
}

static void
a_file_that_is_no_kernel_is_an_error (void)
{
  g_autoptr (GBytes) kernel = g_bytes_new_static ("#!/bin/sh\n", 10);
  g_autoptr (GError) error = NULL;
  AsternBootRequest request = request_for (kernel);

  g_assert_null (astern_load_kernel (&request, &error));
  g_assert_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE);
}

/* What must hold of anything that a loader lets through. */
static void
assert_sane (const AsternImage *image)
{
  gboolean entry_found = FALSE;
  guint64 end = 0;

  for (guint i = 0; i < image->pieces->len; i++)
    {
      const AsternImagePiece *piece = &g_array_index (image->pieces, AsternImagePiece, i);

      g_assert_cmphex (piece->address, >=, end);
      end = piece->address + piece->size;
      g_assert_true (end > piece->address);
      g_assert_true (end <= 0x9fc00 || (piece->address >= MIB && end <= 64 * MIB));
      g_assert_true (piece->data == NULL || g_bytes_get_size (piece->data) <= piece->size);
      entry_found |= image->rip - piece->address < piece->size;
    }
  g_assert_true (entry_found);
}

/* Numbers that tend to hurt. */
static guint32
nasty_number (void)
{
  static const guint32 numbers[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 0x9fc00, 0x100000, 0x10000 };

  return g_test_rand_bit () ? numbers[g_test_rand_int_range (0, G_N_ELEMENTS (numbers))] : (guint32) g_test_rand_int ();
}

static guint
load_damaged (guint8 *file, gsize size, const guint16 *places, guint n_places)
{
  guint loaded = 0;

  for (guint round = 0; round < 3000; round++)
    {
      guint8 *copy = g_memdup2 (file, size);
      g_autoptr (GBytes) data = g_bytes_new_take (g_malloc0 (3000), 3000);
      AsternBootModule modules[2] = { { data, NULL }, { data, NULL } };
      g_autoptr (GBytes) kernel = NULL;
      g_autoptr (AsternImage) image = NULL;
      g_autoptr (GError) error = NULL;
      AsternBootRequest request;

      for (int n = g_test_rand_int_range (1, 4); n > 0; n--)
        {
          guint32 value = nasty_number ();

          memcpy (copy + places[g_test_rand_int_range (0, (gint) n_places)], &value, (gsize) g_test_rand_int_range (1, 5));
        }
      kernel = g_bytes_new_take (copy, g_test_rand_int_range (0, 8) == 0 ? (gsize) g_test_rand_int_range (0, (gint) size) : size);
      request = request_for (kernel);
      request.modules = modules;
      request.n_modules = (guint) g_test_rand_int_range (0, 3);
      image = astern_load_kernel (&request, &error);
      g_assert_true ((image == NULL) == (error != NULL));
      if (image != NULL)
        {
          assert_sane (image);
          loaded++;
        }
    }
  return loaded;
}

static void
damaged_linux_kernels_are_refused_or_lie_in_memory (void)
{
  static const guint16 places[] = { 0x1f1, 0x201, 0x206, 0x211, 0x214, 0x22c, 0x230, 0x234, 0x236, 0x238, 0x258, 0x25c, 0x260 };
  gsize size;
  g_autofree guint8 *file = make_linux (&size);

  g_assert_cmpint (load_damaged (file, size, places, G_N_ELEMENTS (places)), >, 0);
}

static void
damaged_elf_kernels_are_refused_or_lie_in_memory (void)
{
  static const guint16 places[] = {
    4, 18, 24, 28, 42, 44, 52, 56, 60, 64, 68, 72, 84, 88, 92, 96, 100, 104, 0x200, 0x204, 0x208, 0x210, 0x1004, 0x1008,
  };

  for (int multiboot = 0; multiboot < 2; multiboot++)
    {
      gsize size;
      g_autofree guint8 *file = make_elf (&size, multiboot);

      g_assert_cmpint (load_damaged (file, size, places, G_N_ELEMENTS (places)), >, 0);
    }
}

static void
damaged_multiboot_addresses_are_refused_or_lie_in_memory (void)
{
  guint loaded = 0;

  for (guint round = 0; round < 3000; round++)
    {
      guint8 *file = g_malloc0 (4096);
      guint at = (guint) g_test_rand_int_range (0, 100) * 4;
      g_autoptr (GBytes) kernel = NULL;
      g_autoptr (AsternImage) image = NULL;
      AsternBootRequest request;
      guint32 base = 0x100000 + (guint32) g_test_rand_int_range (0, 0x4000000);

      astern_put_le32 (file + at, 0x1badb002);
      astern_put_le32 (file + at + 4, 0x10000);
      astern_put_le32 (file + at + 8, -(0x1badb002u + 0x10000));
      /* header_addr, load_addr, load_end_addr, bss_end_addr and entry_addr as they should be, and two of them at most damaged. */
      astern_put_le32 (file + at + 12, base + at);
      astern_put_le32 (file + at + 16, base);
      astern_put_le32 (file + at + 20, base + 4096);
      astern_put_le32 (file + at + 24, base + 8192);
      astern_put_le32 (file + at + 28, base + (guint32) g_test_rand_int_range (0, 4096));
      for (int n = g_test_rand_int_range (0, 3); n > 0; n--)
        astern_put_le32 (file + at + 12 + 4 * (guint) g_test_rand_int_range (0, 5),
                         g_test_rand_bit () ? nasty_number () : base + (guint32) g_test_rand_int_range (0, 4096));
      kernel = g_bytes_new_take (file, 4096);
      request = request_for (kernel);
      image = astern_load_kernel (&request, NULL);
      if (image != NULL)
        {
          assert_sane (image);
          loaded++;
        }
    }
  g_assert_cmpint (loaded, >, 0);
  g_test_message ("%u of 3000 loaded", loaded);
}

#define ADD(name) g_test_add_func ("/launch/load/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (linux_is_entered_in_64_bits_where_it_prefers_to_be);
  ADD (linux_gets_a_seed_through_its_setup_data);
  ADD (linux_is_entered_in_32_bits_on_a_cpu_without_long_mode);
  ADD (linux_moves_down_when_memory_ends_before_its_place);
  ADD (the_initrd_lies_high_but_within_the_kernels_reach);
  ADD (an_initrd_that_does_not_fit_is_an_error);
  ADD (multiboot_gets_its_information_and_modules);
  ADD (multiboot_addresses_in_the_header_count_more_than_elf);
  ADD (pvh_is_entered_at_its_note);
  ADD (a_file_that_is_no_kernel_is_an_error);
  ADD (damaged_linux_kernels_are_refused_or_lie_in_memory);
  ADD (damaged_elf_kernels_are_refused_or_lie_in_memory);
  ADD (damaged_multiboot_addresses_are_refused_or_lie_in_memory);
  return g_test_run ();
}
