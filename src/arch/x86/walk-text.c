/* walk-text.c - see walk-text.h.
 * Source: Intel SDM vol. 3A, sections 4.3 to 4.7. */
#include "config.h"

#include "arch/x86/walk-text.h"

#include "arch/x86/page-tables.h"
#include "core/address.h"

#include <glib/gi18n.h>

/* Messages have addresses as %s: what formats 64 bits differs among hosts, and a message must not. */
typedef struct { char text[20]; } Hex;

static Hex
hex (guint64 value)
{
  Hex result;

  g_snprintf (result.text, sizeof result.text, "0x%" G_GINT64_MODIFIER "x", value);
  return result;
}

const char *
x86_walk_kind_text (const X86State *state)
{
  if (!(state->cr0 & X86_CR0_PG))
    return _("no paging");
  if (x86_long_mode (state))
    return _("four levels");
  return state->cr4 & X86_CR4_PAE ? _("PAE, three levels") : _("two levels");
}

const char *
x86_walk_level_name (const X86State *state, guint n)
{
  static const char *const four_level[] = { "PML4E", "PDPTE", "PDE", "PTE" }, *const others[] = { "PDE", "PTE" };

  return x86_long_mode (state) ? four_level[n] : others[n];
}

/* Every bit by its name. */
static void
append_bits (GString *text, guint64 entry, gboolean leaf, gboolean large, gboolean wide)
{
  static const struct { guint bit; const char *set, *clear; gboolean leaf_only; } bits[] = {
    { 1, "writable", "read-only", FALSE }, { 2, "user", "supervisor", FALSE }, { 3, "PWT", NULL, FALSE },
    { 4, "PCD", NULL, FALSE }, { 5, "accessed", "not accessed", FALSE }, { 6, "dirty", "clean", TRUE },
    { 8, "global", NULL, TRUE },
  };

  g_string_append (text, entry & X86_PTE_P ? "present" : "not present");
  if (!(entry & X86_PTE_P))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (bits); i++)
    if (!bits[i].leaf_only || leaf)
      {
        const char *name = entry >> bits[i].bit & 1 ? bits[i].set : bits[i].clear;

        if (name != NULL)
          g_string_append_printf (text, ", %s", name);
      }
  if (large)
    g_string_append_printf (text, ", PS%s", entry & 1 << 12 ? ", PAT" : "");
  else if (leaf && entry & 1 << 7)
    g_string_append (text, ", PAT");
  if (wide)
    g_string_append (text, entry & X86_PTE_NX ? ", no execute" : ", executable");
  if (entry >> 9 & 7)
    g_string_append_printf (text, ", AVL=%u", (guint) (entry >> 9 & 7));
  if (wide && entry >> 52 & 0x7ff)
    g_string_append_printf (text, ", bits 62-52=%03x", (guint) (entry >> 52 & 0x7ff));
}

void
x86_walk_append_levels (GString *text, const X86State *state, const X86Walk *walk)
{
  gboolean wide = walk->entry_bytes == 8;

  for (guint i = 0; i < walk->n_entries; i++)
    {
      guint bits = x86_page_tables_entry_bits (state, i + 1);
      gboolean last = i == walk->n_entries - 1u;
      gboolean large = last && bits > 12 && (walk->entry[i] & X86_PTE_PS) && (wide || (state->cr4 & X86_CR4_PSE));
      gboolean leaf = last && (bits == 12 || large);

      g_string_append_printf (text, "  %-5s %3u at %010" G_GINT64_MODIFIER "x: %0*" G_GINT64_MODIFIER "x  ",
                              x86_walk_level_name (state, i),
                              (guint) (walk->address[i] & ASTERN_PAGE_MASK) / walk->entry_bytes, walk->address[i],
                              walk->entry_bytes * 2, walk->entry[i]);
      append_bits (text, walk->entry[i], leaf, large, wide);
      g_string_append_c (text, '\n');
    }
}

/* ---- why ---- */

/* The first level whose entry lacks @bit (or, with @set, has it); -1: none. */
static int
level_with (const X86Walk *walk, guint64 bit, gboolean set)
{
  for (guint i = 0; i < walk->n_entries; i++)
    if (((walk->entry[i] & bit) != 0) == set)
      return (int) i;
  return -1;
}

int
x86_walk_culprit (const X86WalkAccess *access, const X86Walk *walk)
{
  if ((walk->error & (X86_PF_PRESENT | X86_PF_RESERVED)) != X86_PF_PRESENT)
    return walk->n_entries - 1;
  if (access->user && !walk->user)
    return level_with (walk, X86_PTE_U, FALSE);
  if (access->fetch && !walk->executable)
    return level_with (walk, X86_PTE_NX, TRUE);
  if (access->write && !walk->writable && (access->user || !walk->user))
    return level_with (walk, X86_PTE_W, FALSE);
  return walk->n_entries - 1;      /* SMEP, SMAP: all levels say user */
}

static const char *
name_of (const X86State *state, int level)
{
  return level < 0 ? "PDPTE" : x86_walk_level_name (state, (guint) level);
}

char *
x86_walk_why (const X86State *state, const X86WalkAccess *access, const X86Walk *walk)
{
  const char *last = name_of (state, walk->n_entries - 1);

  if (!(walk->error & X86_PF_PRESENT))
    return g_strdup_printf (_("the %s is not present"), last);
  if (walk->error & X86_PF_RESERVED)
    return g_strdup_printf (_("the %s has a reserved bit set"), last);
  if (access->user && !walk->user)
    return g_strdup_printf (_("the %s is for the supervisor only"), name_of (state, level_with (walk, X86_PTE_U, FALSE)));
  if (access->fetch && !walk->executable)
    return g_strdup_printf (_("the %s forbids execution (NX)"), name_of (state, level_with (walk, X86_PTE_NX, TRUE)));
  if (access->fetch)
    return g_strdup (_("it is a user page, and CR4.SMEP is set"));
  if (access->write && !walk->writable)
    return g_strdup_printf (access->user ? _("the %s is read-only") : _("the %s is read-only, and CR0.WP is set"),
                            name_of (state, level_with (walk, X86_PTE_W, FALSE)));
  return g_strdup (_("it is a user page, CR4.SMAP is set and EFLAGS.AC is not"));
}

/* ---- in sentences ---- */

static const char *
access_text (const X86WalkAccess *access)
{
  static const char *const names[2][3] = {
    { N_("A read by the supervisor"), N_("A write by the supervisor"), N_("A fetch by the supervisor") },
    { N_("A read by user code"), N_("A write by user code"), N_("A fetch by user code") },
  };

  return _(names[access->user != 0][access->fetch ? 2 : access->write ? 1 : 0]);
}

/* Where the entry is that refuses it, and what it stands for. */
static void
append_culprit (GString *text, const X86State *state, const X86WalkAccess *access, const X86Walk *walk)
{
  int level = x86_walk_culprit (access, walk);
  guint64 size, first;

  if (level < 0)
    {
      g_string_append_printf (text, _("  It is latched in the CPU, number %u of four, for the GiB from %s on."),
                              (guint) (access->linear >> 30 & 3), hex (access->linear & ~(guint64) 0x3fffffff).text);
      return;
    }
  size = G_GUINT64_CONSTANT (1) << x86_page_tables_entry_bits (state, (guint) level + 1);
  first = access->linear & ~(size - 1);
  g_string_append_printf (text, _("  That %s is number %u of the table at %s (the entry at %s), and stands for %s to %s."),
                          x86_walk_level_name (state, (guint) level),
                          (guint) (walk->address[level] & ASTERN_PAGE_MASK) / walk->entry_bytes,
                          hex (walk->address[level] & ~ASTERN_PAGE_MASK).text, hex (walk->address[level]).text, hex (first).text,
                          hex (first + size - 1).text);
}

/* What an access that is allowed owes it to, where that is not plain. */
static void
append_exception (GString *text, const X86State *state, const X86WalkAccess *access, const X86Walk *walk)
{
  if (access->write && !access->user && !walk->writable)
    g_string_append (text, _("  The page is read-only, but CR0.WP is not set, and so that does not bind the supervisor."));
  if (!access->user && !access->fetch && walk->user && (state->cr4 & X86_CR4_SMAP))
    g_string_append (text, _("  It is a user page, and CR4.SMAP is set, but EFLAGS.AC lets the access pass."));
}

char *
x86_walk_explain (const X86State *state, const X86Walker *walker, const X86WalkAccess *asked)
{
  GString *text = g_string_new (NULL);
  X86Walker looking = *walker;
  X86WalkAccess access = *asked;
  X86Walk walk;

  looking.set_bits = NULL;
  if (!x86_long_mode (state))
    access.linear = (guint32) access.linear;
  if (x86_long_mode (state) && !x86_is_canonical (access.linear))
    g_string_append_printf (text, _("%s at %s is refused before any table is looked at: the address is not canonical.  It is #GP, or #SS by "
                                    "the stack."), access_text (&access), hex (access.linear).text);
  else if (x86_walk (state, &looking, &access, &walk))
    {
      g_string_append_printf (text, _("%s at %s is allowed, and goes to physical %s, in a page of %u KiB."), access_text (&access),
                              hex (access.linear).text, hex (walk.physical).text, 1u << MAX (0, walk.page_bits - 10));
      append_exception (text, state, &access, &walk);
    }
  else
    {
      g_autofree char *why = x86_walk_why (state, &access, &walk);

      g_string_append_printf (text, _("%s at %s is refused with #PF, error code %04x: %s."), access_text (&access),
                              hex (access.linear).text,
                              walk.error, why);
      append_culprit (text, state, &access, &walk);
    }
  return g_string_free (text, FALSE);
}
