/* Tests of the vector and x87 tables, and of the encoder that turns what is lifted from
 * them into host code. */
#include "config.h"

#include "translate/x86/decode.h"
#include "translate/x86/host-encode.h"
#include "translate/x86/lift-host.h"
#include "translate/x86/lift.h"

#include <string.h>

/* --- tables ---------------------------------------------------------------------------- */

static void
check_sorted (const X86SimdEntry *entries, guint n)
{
  for (guint i = 1; i < n; i++)
    g_assert_cmphex (entries[i - 1].key, <, entries[i].key);
}

static void
rows_are_sorted_for_the_search (void)
{
  check_sorted (x86_simd_0f, x86_n_simd_0f);
  check_sorted (x86_simd_38, x86_n_simd_38);
  check_sorted (x86_simd_3a, x86_n_simd_3a);
}

static void
every_row_is_found_by_its_key (void)
{
  static const guint prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
  const struct { const X86SimdEntry *entries; guint n; } maps[3] = {
    { x86_simd_0f, x86_n_simd_0f }, { x86_simd_38, x86_n_simd_38 }, { x86_simd_3a, x86_n_simd_3a },
  };

  for (guint map = 0; map < 3; map++)
    for (guint i = 0; i < maps[map].n; i++)
      {
        guint key = maps[map].entries[i].key;

        g_assert_true (x86_simd_row (map + 1, prefixes[key >> 1 & 3], key >> 3, key & 1) == &maps[map].entries[i].row);
      }
  g_assert_null (x86_simd_row (1, 0, 0x04, FALSE));
  g_assert_null (x86_simd_row (2, 0xf2, 0x00, TRUE));
}

static void
x87_holes_are_undefined (void)
{
  g_assert_null (x86_x87_row (0xd9, 0xd1));       /* beside FNOP */
  g_assert_null (x86_x87_row (0xd9, 0x08));       /* D9 /1 of memory */
  g_assert_null (x86_x87_row (0xda, 0xe0));
  g_assert_null (x86_x87_row (0xdf, 0xe1));       /* beside FNSTSW AX */
  g_assert_cmpstr (x86_x87_row (0xdf, 0xe0)->mnemonic, ==, "fnstsw");
  g_assert_cmpstr (x86_x87_row (0xdb, 0x28)->mnemonic, ==, "fld");
}

/* --- lifting and encoding ---------------------------------------------------------------- */

/* Lifts one instruction and encodes its HOST operation with a host base of RSI (6), GPRs
 * of r/m and reg in RDI (7) and RDX (2), and displacement 0x40. */
static guint
through_ir (const guint8 *bytes, guint n_bytes, guint8 *out)
{
  X86Features features;
  X86LiftInput input = { .mode = X86_MODE_PE | X86_MODE_LMA | X86_MODE_CODE64 | X86_MODE_FLAT, .rip = 0x1000, .bytes = bytes,
                         .n_bytes = n_bytes, .max_insns = 1, .features = &features };
  X86LiftResult result;
  IrBlock *block = ir_block_new ();
  const IrHost *host;
  guint n;

  memset (&features, 1, sizeof features);
  x86_lift_unit (block, &input, &result);
  g_assert_null (ir_verify (block));
  g_assert_cmpuint (block->n_hosts, ==, 1);
  host = &block->hosts[0];
  n = host_encode (out, host, 2, host->rm_kind == IR_HOST_MEM ? 6 : 7, 0, host->rm_kind == IR_HOST_MEM ? 0x40 : 0);
  ir_block_free (block);
  return n;
}

static const struct { const char *name; const char *guest, *host; } goldens[] = {
  /* guest bytes                                                      host bytes */
  { "addps xmm1, xmm2",          "0f58ca",                            "0f58ca" },
  { "addps xmm9, [r12+8*r9+5]",  "470f584ccc05",                      "440f584e40" },
  { "movss [rax], xmm3",         "f30f1118",                          "f30f115e40" },
  { "cvtsi2sd xmm10, rax",       "f24c0f2ad0",                        "f24c0f2ad7" },
  { "cvttsd2si r9, xmm4",        "f24c0f2ccc",                        "f2480f2cd4" },
  { "pinsrw xmm1, eax, 3",       "660fc4c803",                        "660fc4cf03" },
  { "pextrq r8, xmm2, 1",        "66490f3a16d001",                    "66480f3a16d701" },
  { "psrldq xmm5, 4",            "660f73dd04",                        "660f73dd04" },
  { "paddb mm1, mm2",            "0ffcca",                            "0ffcca" },
  { "emms",                      "0f77",                              "0f77" },
  { "vzeroupper",                "c5f877",                            "c5f877" },
  { "vzeroall",                  "c5fc77",                            "c5fc77" },
  { "vaddpd ymm1, ymm9, ymm2",   "c5b558ca",                          "c5b558ca" },
  { "vaddpd ymm1, ymm2, ymm9",   "c4c16d58c9",                        "c4c16d58c9" },
  { "vpsrlw ymm3, ymm4, 5",      "c5e571d405",                        "c5e571d405" },
  { "vblendvps xmm1, xmm2, [rax], xmm12", "c4e3694a08c0",             "c4e3694a4e40c0" },
  { "vfmadd231sd xmm1, xmm2, [rax]", "c4e2e9b908",                    "c4e2e9b94e40" },
  { "vmovss xmm1, xmm2, xmm3",   "c5ea10cb",                          "c5ea10cb" },
  { "fld dword [rax]",           "d900",                              "d94640" },
  { "fstp tword [rax]",          "db38",                              "db7e40" },
  { "fxch st3",                  "d9cb",                              "d9cb" },
  { "fnstsw ax",                 "dfe0",                              "dfe0" },
};

static guint
from_hex (const char *hex, guint8 *out)
{
  guint n = (guint) strlen (hex) / 2;

  for (guint i = 0; i < n; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

static void
host_code_is_the_guests_with_operands_renamed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (goldens); i++)
    {
      guint8 guest[16] = { 0 }, wanted[16], got[16];
      guint n_guest = from_hex (goldens[i].guest, guest), n_wanted = from_hex (goldens[i].host, wanted);
      guint n = through_ir (guest, n_guest, got);

      g_test_message ("%s", goldens[i].name);
      g_assert_cmpmem (got, n, wanted, n_wanted);
    }
}

static void
any_base_register_can_be_encoded (void)
{
  static const char *const wanted[16] = {
    "0f5800", "0f5801", "0f5802", "0f5803", "0f580424", "0f584500", "0f5806", "0f5807",
    "410f5800", "410f5801", "410f5802", "410f5803", "410f580424", "410f584500", "410f5806", "410f5807",
  };
  const IrHost host = { .encoding = IR_HOST_LEGACY, .map = 1, .opcode = 0x58, .reg_kind = IR_HOST_VEC, .rm_kind = IR_HOST_MEM,
                        .rm_read = 1, .mem_bytes = 16 };

  for (guint base = 0; base < 16; base++)
    {
      guint8 bytes[16], got[16];
      guint n_wanted = from_hex (wanted[base], bytes), n = host_encode (got, &host, 0, base, 0, 0);

      g_assert_cmpmem (got, n, bytes, n_wanted);
    }
}

static void
large_displacements_take_four_bytes (void)
{
  const IrHost host = { .encoding = IR_HOST_X87, .opcode = 0xdd, .reg_kind = IR_HOST_FIXED, .rm_kind = IR_HOST_MEM,
                        .rm_read = 1, .mem_bytes = 8 };
  static const guint8 wanted[] = { 0x41, 0xdd, 0x84, 0x24, 0x00, 0x01, 0x00, 0x00 };
  guint8 got[16];
  guint n = host_encode (got, &host, 0, 12, 0, 0x100);

  g_assert_cmpmem (got, n, wanted, sizeof wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/translate/simd/" #name, name)
  ADD (rows_are_sorted_for_the_search);
  ADD (every_row_is_found_by_its_key);
  ADD (x87_holes_are_undefined);
  ADD (host_code_is_the_guests_with_operands_renamed);
  ADD (any_base_register_can_be_encoded);
  ADD (large_displacements_take_four_bytes);
  return g_test_run ();
}
