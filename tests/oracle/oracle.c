/* oracle - the host's CPU against engine `translate`, on random sequences.
 *
 *   tests/oracle/oracle [--seed N] [--count N] [--seconds S] [--only MNEMONIC] [--without MNEMONIC,...]
 *                       [--tier interp|one|auto] [--mode 64|32|both] [--replay SEED] [--keep-going] [--list]
 *
 * Each sequence has a seed of its own: @--replay with the seed that a failure prints runs
 * that one alone.  Speaks TAP: one test a mode. */
#define _GNU_SOURCE
#include "config.h"

#include "generate.h"
#include "guest.h"
#include "native.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BATCH N_SLOTS

typedef struct
{
  guint64     seed, count;
  gint64      seconds;
  const char *only, *without;
  const char *mode;
  AsternTier  tier;
  gboolean    one_case, keep_going, list;
} Options;

typedef struct
{
  OracleCase      *cases;
  OracleNative    *native;
  OracleGuest     *guest;
  OracleGenerator *generator;
  guint64          n_run, n_whole, n_failed;
  guint64          n_vectors[256];
} Oracle;

/* --- comparing ------------------------------------------------------------------------- */

/* The instruction that RIP stands at, or the end. */
static const OracleInsn *
insn_at (const OracleCase *c, guint64 rip)
{
  guint64 offset = rip - oracle_case_rip (c);

  for (guint i = 0; i < c->n_insns; i++)
    if (offset >= c->insns[i].start && offset < (guint) c->insns[i].start + c->insns[i].length)
      return &c->insns[i];
  return &c->insns[c->n_insns];
}

static void
differ (GString *out, const char *what, guint64 native, guint64 guest)
{
  g_string_append_printf (out, "#   %-8s native %016" G_GINT64_MODIFIER "x  ours %016" G_GINT64_MODIFIER "x\n", what, native, guest);
}

static void
compare_bytes (GString *out, const char *what, guint index, const guint8 *native, const guint8 *guest, guint n)
{
  if (memcmp (native, guest, n) == 0)
    return;
  g_string_append_printf (out, "#   %s%u  native ", what, index);
  for (guint i = n; i-- > 0;)
    g_string_append_printf (out, "%02x%s", native[i], i == 16 ? "_" : "");
  g_string_append (out, "\n#         ours   ");
  for (guint i = n; i-- > 0;)
    g_string_append_printf (out, "%02x%s", guest[i], i == 16 ? "_" : "");
  g_string_append (out, "\n");
}

/* An unmasked overflow leaves out PE when the result, scaled, is exact: not told from masked ones here. */
static guint32
mxcsr_to_compare (const OracleCase *c, const OracleInsn *at)
{
  enum { OE = 8, PE = 32, OM_SHIFT = 7 };

  if (c->native.vector != X86_EXC_XM)
    return G_MAXUINT32;
  if (at->several_steps)
    return ~0x3fu;
  return (c->native.mxcsr & OE) && !(c->native.mxcsr >> OM_SHIFT & OE) ? ~(guint32) PE : G_MAXUINT32;
}

/* A newly allocated description of what differs, or NULL. */
static char *
compare (const OracleCase *c)
{
  static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                         "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
  const OracleState *n = &c->native, *g = &c->guest;
  const OracleInsn *at = insn_at (c, n->rip);
  gboolean faulted = n->vector != 3;
  guint32 flags = X86_DF | (X86_ARITH & ~at->undefined_flags);
  g_autoptr (GString) out = g_string_new (NULL);

  if (g->vector == X86_EXC_GP && insn_at (c, g->rip)->may_misalign)
    return NULL;
  /* Here a masked move's segment is to allow all of the operand. */
  if (c->mode32 && g->vector == X86_EXC_GP && insn_at (c, g->rip)->may_fault)
    return NULL;
  /* An access over the end of a segment of 4 GiB may be one fault or the other (SDM vol. 3A, 5.3). */
  if (c->mode32 && n->rip == g->rip && (n->vector == X86_EXC_GP || n->vector == X86_EXC_SS) && g->vector == X86_EXC_PF
      && (guint32) (g->cr2 + 64) < 128)
    return NULL;
  /* CMPS may read either operand first, so two bad ones are two answers. */
  if (faulted && at->reads_two && n->rip == g->rip && g->vector != 3 && n->vector != g->vector)
    return NULL;
  if (faulted && at->may_fault && (n->vector != g->vector || n->rip != g->rip))
    return NULL;
  if (n->vector != g->vector)
    differ (out, "vector", n->vector, g->vector);
  if (n->rip != g->rip)
    differ (out, "rip", n->rip, g->rip);
  if (n->vector == g->vector && n->vector == X86_EXC_PF)
    {
      /* The host's kernel has something at the addresses above, the guest's has nothing. */
      if ((n->error ^ g->error) & (n->cr2 >> 47 ? ~1u : ~0u))
        differ (out, "error", n->error, g->error);
      /* Which of its two operands CMPS reads first is not written anywhere. */
      if (n->cr2 != g->cr2 && !at->may_fault && !at->reads_two)
        differ (out, "cr2", n->cr2, g->cr2);
    }
  for (guint i = 0; i < 16; i++)
    if (n->gpr[i] != g->gpr[i] && (!c->mode32 || i < 8))
      differ (out, names[i], n->gpr[i], g->gpr[i]);
  if (faulted && at->compares)
    flags = X86_DF;
  if ((n->rflags ^ g->rflags) & flags)
    differ (out, "rflags", n->rflags & flags, g->rflags & flags);
  for (guint i = 0; i < 16; i++)
    if (!(faulted && at->unsafe_vectors))
      compare_bytes (out, "ymm", i, n->vec[i], g->vec[i], 32);
  if ((n->mxcsr ^ g->mxcsr) & mxcsr_to_compare (c, at))
    differ (out, "mxcsr", n->mxcsr, g->mxcsr);
  if (!(faulted && at->unsafe_x87))
    {
      for (guint i = 0; i < 8; i++)
        compare_bytes (out, "st", i, n->st[i], g->st[i], 10);
      if (n->fsw != g->fsw)
        differ (out, "fsw", n->fsw, g->fsw);
      if (n->ftw != g->ftw)
        differ (out, "ftw", n->ftw, g->ftw);
    }
  if (n->fcw != g->fcw)
    differ (out, "fcw", n->fcw, g->fcw);
  for (guint i = 0; i < DATA_BYTES; i += 8)
    if (memcmp (c->native_data + i, c->guest_data + i, 8) != 0)
      {
        g_autofree char *name = g_strdup_printf ("%x", DATA_BASE + i);
        guint64 x, y;

        memcpy (&x, c->native_data + i, 8);
        memcpy (&y, c->guest_data + i, 8);
        differ (out, name, x, y);
      }
  return out->len ? g_strdup (out->str) : NULL;
}

/* --- telling ----------------------------------------------------------------------------- */

static void
print_state (const OracleCase *c, const OracleState *s)
{
  static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                         "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };

  for (guint i = 0; i < (c->mode32 ? 8u : 16u); i++)
    printf ("%s%-3s %016" G_GINT64_MODIFIER "x%s", i % 4 ? "  " : "#   ", names[i], s->gpr[i], i % 4 == 3 ? "\n" : "");
  printf ("#   rflags %06x  mxcsr %04x  fcw %04x  fsw %04x  ftw %02x\n", (guint) s->rflags, s->mxcsr, s->fcw, s->fsw, s->ftw);
}

static void
print_case (const OracleCase *c)
{
  csh handle;

  printf ("# before:\n");
  print_state (c, &c->in);
  if (cs_open (CS_ARCH_X86, c->mode32 ? CS_MODE_32 : CS_MODE_64, &handle) != CS_ERR_OK)
    return;
  for (guint i = 0; i < c->n_insns; i++)
    {
      const guint8 *bytes = c->code + c->insns[i].start;
      guint64 at = oracle_case_rip (c) + c->insns[i].start;
      cs_insn *insn = NULL;
      gsize n = cs_disasm (handle, bytes, c->insns[i].length, at, 1, &insn);

      printf ("#   %08" G_GINT64_MODIFIER "x  ", at);
      for (guint k = 0; k < 15; k++)
        if (k < c->insns[i].length)
          printf ("%02x", bytes[k]);
        else
          printf ("  ");
      if (n)
        printf (" %s %s\n", insn[0].mnemonic, insn[0].op_str);
      else
        printf (" (bytes that Capstone does not know)\n");
      if (n)
        cs_free (insn, n);
    }
  cs_close (&handle);
}

/* --- running ------------------------------------------------------------------------------ */

static char *
run_again (Oracle *o)
{
  guint at;

  if (!oracle_native_run (o->native, 1, &at))
    return g_strdup ("#   the native child died\n");
  oracle_guest_prepare (o->guest, o->cases, 1);
  oracle_guest_run (o->guest, &o->cases[0]);
  return compare (&o->cases[0]);
}

/* Turns instructions into NOPs as long as it still fails; returns what differs at last. */
static char *
minimise (Oracle *o, const OracleCase *failed)
{
  OracleCase *c = &o->cases[0];
  char *why;

  *c = *failed;
  why = run_again (o);
  for (guint i = 0; why != NULL && i < c->n_insns; i++)
    {
      guint8 kept[16];
      char *still;

      memcpy (kept, c->code + c->insns[i].start, c->insns[i].length);
      memset (c->code + c->insns[i].start, 0x90, c->insns[i].length);
      still = run_again (o);
      if (still == NULL)
        {
          memcpy (c->code + c->insns[i].start, kept, c->insns[i].length);
          continue;
        }
      g_free (why);
      why = still;
    }
  if (why != NULL)
    {
      g_free (why);
      why = run_again (o);
    }
  return why;
}

static void
report (Oracle *o, const OracleCase *failed, const char *first)
{
  OracleCase *copy = g_memdup2 (failed, sizeof *failed);
  OracleCase *saved = g_memdup2 (&o->cases[0], sizeof *failed);
  char *why = minimise (o, copy);

  printf ("# --replay %" G_GUINT64_FORMAT " --mode %s fails\n", failed->seed, failed->mode32 ? "32" : "64");
  if (why == NULL)
    {
      printf ("# only among others, not alone:\n%s", first);
      print_case (copy);
    }
  else
    {
      print_case (&o->cases[0]);
      printf ("# after:\n%s", why);
    }
  fflush (stdout);
  o->cases[0] = *saved;
  g_free (why);
  g_free (saved);
  g_free (copy);
}

static void
run_batch (Oracle *o, guint64 seed, guint n, const Options *options)
{
  guint at = 0;

  for (guint i = 0; i < n; i++)
    oracle_generate (o->generator, seed + i, i, &o->cases[i]);
  if (!oracle_native_run (o->native, n, &at))
    {
      printf ("# the native child died of --replay %" G_GUINT64_FORMAT "\n", seed + at);
      print_case (&o->cases[at]);
      o->n_failed++;
      return;
    }
  oracle_guest_prepare (o->guest, o->cases, n);
  for (guint i = 0; i < n; i++)
    {
      OracleCase *c = &o->cases[i];
      char *why;

      oracle_guest_run (o->guest, c);
      why = compare (c);
      o->n_run++;
      o->n_whole += c->native.vector == 3;
      o->n_vectors[c->native.vector]++;
      if (why == NULL)
        continue;
      o->n_failed++;
      report (o, c, why);
      g_free (why);
      if (!options->keep_going)
        return;
    }
}

/* A case of a few NOPs runs natively. */
static gboolean
host_runs (Oracle *o)
{
  OracleCase *c = &o->cases[0];
  guint at;

  oracle_generate (o->generator, 1, 0, c);
  memset (c->code, 0x90, 4);
  memset (c->code + 4, 0xcc, sizeof c->code - 4);
  return oracle_native_run (o->native, 1, &at) && c->native.vector == 3;
}

static gboolean
run_mode (const Options *options, gboolean mode32, guint number)
{
  Oracle o = { 0 };
  gint64 end = g_get_monotonic_time () + options->seconds * G_USEC_PER_SEC;
  guint64 seed = options->seed;
  const char *name = mode32 ? "32" : "64";

  o.cases = mmap (NULL, BATCH * sizeof *o.cases, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  o.native = oracle_native_new (o.cases);
  o.guest = oracle_guest_new (options->tier);
  o.generator = oracle_generator_new (oracle_guest_features (o.guest), mode32, options->only, options->without);
  printf ("# %s-bit code: %u ways to encode an instruction\n", name, oracle_generator_size (o.generator));
  if (!host_runs (&o))
    {
      printf ("ok %u - %s-bit sequences agree with the host's CPU # SKIP the host's kernel runs no such code\n", number, name);
      goto out;
    }
  while ((options->count ? o.n_run < options->count : g_get_monotonic_time () < end)
         && (options->keep_going ? o.n_failed < 100 : o.n_failed == 0))
    {
      guint n = options->count ? (guint) MIN (BATCH, options->count - o.n_run) : BATCH;

      run_batch (&o, seed, n, options);
      seed += n;
      if (options->one_case)
        break;
    }
  printf ("# %" G_GUINT64_FORMAT " sequences, %" G_GUINT64_FORMAT " ran to their end; exceptions:", o.n_run, o.n_whole);
  for (guint i = 0; i < 256; i++)
    if (o.n_vectors[i] && i != 3)
      printf (" %u: %" G_GUINT64_FORMAT, i, o.n_vectors[i]);
  printf ("\n%s %u - %s-bit sequences agree with the host's CPU\n", o.n_failed ? "not ok" : "ok", number, name);
out:
  fflush (stdout);
  oracle_generator_free (o.generator);
  oracle_guest_free (o.guest);
  oracle_native_free (o.native);
  munmap (o.cases, BATCH * sizeof *o.cases);
  return o.n_failed == 0;
}

static void
print_name (const char *mnemonic, gpointer data)
{
  puts (mnemonic);
}

static void
list (void)
{
  OracleGuest *guest = oracle_guest_new (ASTERN_TIER_INTERP);

  for (guint mode32 = 0; mode32 < 2; mode32++)
    {
      OracleGenerator *generator = oracle_generator_new (oracle_guest_features (guest), mode32 != 0, NULL, NULL);

      oracle_generator_foreach (generator, print_name, NULL);
      oracle_generator_free (generator);
    }
  oracle_guest_free (guest);
}

static AsternTier
tier_named (const char *name)
{
  if (g_strcmp0 (name, "one") == 0)
    return ASTERN_TIER_ONE;
  return g_strcmp0 (name, "auto") == 0 ? ASTERN_TIER_AUTO : ASTERN_TIER_INTERP;
}

/* Nothing was asked for in particular. */
static gboolean
defaults (gint64 count, gint64 seconds, gint64 replay, const char *mode, const char *tier)
{
  return count == 0 && seconds == 0 && replay < 0 && mode == NULL && tier == NULL;
}

int
main (int argc, char **argv)
{
  Options o = { .seed = 1, .count = 0, .seconds = 0, .mode = "both", .tier = ASTERN_TIER_INTERP };
  g_autofree char *tier = NULL, *only = NULL, *without = NULL, *mode = NULL;
  gint64 seed = 1, count = 0, seconds = 0, replay = -1;
  GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "seed of the first sequence", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &count, "sequences a mode", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_INT64, &seconds, "or how long a mode is tried", "S" },
    { "only", 0, 0, G_OPTION_ARG_STRING, &only, "one such instruction in each sequence", "MNEMONIC" },
    { "without", 0, 0, G_OPTION_ARG_STRING, &without, "none of these in any", "MNEMONIC,..." },
    { "tier", 0, 0, G_OPTION_ARG_STRING, &tier, "interp, one or auto", "TIER" },
    { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "64, 32 or both", "MODE" },
    { "replay", 0, 0, G_OPTION_ARG_INT64, &replay, "run this one sequence", "SEED" },
    { "keep-going", 0, 0, G_OPTION_ARG_NONE, &o.keep_going, "do not stop at the first failure", NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &o.list, "print the mnemonics that are drawn", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- the host's CPU as the oracle");
  g_autoptr (GError) error = NULL;
  gboolean good = TRUE;
  guint number = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
#ifdef __SANITIZE_ADDRESS__
  if (argc == 1 && defaults (count, seconds, replay, mode, tier))
    {
      puts ("1..0 # SKIP with AddressSanitizer this takes minutes: run it by hand with --count");
      return 0;
    }
#endif
  oracle_make_images ();
  if (o.list)
    {
      list ();
      return 0;
    }
  o.seed = (guint64) (replay >= 0 ? replay : seed);
  o.one_case = replay >= 0;
  o.count = o.one_case ? 1 : count ? (guint64) count : seconds ? 0 : 100000;
  o.seconds = seconds;
  o.only = only;
  o.without = without;
  o.tier = tier_named (tier);
  if (mode != NULL)
    o.mode = mode;
  /* POPF and PUSHF show and change what a user's process on the host has no say in (IF, IOPL, ID). */
  if (without == NULL)
    o.without = "pushf,popf,pushfd,popfd,pushfq,popfq";
  if (argc == 1 && defaults (count, seconds, replay, mode, tier))
    {
      /* `make check`: 64-bit code in both tiers, and 32-bit code where the host's kernel has segments for it. */
      printf ("1..3\n");
      o.tier = ASTERN_TIER_ONE;
      good = run_mode (&o, FALSE, ++number) && good;
      o.tier = ASTERN_TIER_INTERP;
      o.count /= 2;
      good = run_mode (&o, FALSE, ++number) && good;
      o.tier = ASTERN_TIER_ONE;
      if (oracle_native_has_code32 ())
        good = run_mode (&o, TRUE, ++number) && good;
      else
        printf ("ok %u - 32-bit sequences agree with the host's CPU # SKIP the host's kernel runs no 32-bit code\n", ++number);
      return good ? 0 : 1;
    }
  printf ("1..%u\n", g_str_equal (o.mode, "both") ? 2 : 1);
  if (!g_str_equal (o.mode, "32"))
    good = run_mode (&o, FALSE, ++number) && good;
  if (!g_str_equal (o.mode, "64"))
    good = run_mode (&o, TRUE, ++number) && good;
  return good ? 0 : 1;
}
