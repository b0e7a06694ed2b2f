/* symbols-elf.c - the symbols of ELF files.
 * Source: System V ABI, chapter 4, "Symbol Table"; the file is taken apart by libelf.
 * Left out: line numbers, and symbols of files that are not linked (kernel modules): where their sections lie is not
 * in the file. */
#include "config.h"

#include "launch/symbols-elf.h"

#include "launch/options.h"

#include <gelf.h>
#include <string.h>

#include <glib/gi18n.h>

#define MAX_PROGRAM_HEADERS 65536

static gboolean
fail (const char *source, const char *reason, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("“%s” gives no symbols: %s."), source, reason);
  return FALSE;
}

/* By how much addresses are moved for the first segment to lie at @base. */
static guint64
slide_for (Elf *elf, guint64 base)
{
  size_t n = 0;

  if (elf_getphdrnum (elf, &n) != 0)
    n = 0;
  for (size_t i = 0; i < MIN (n, MAX_PROGRAM_HEADERS); i++)
    {
      GElf_Phdr header;

      if (gelf_getphdr (elf, (int) i, &header) != NULL && header.p_type == PT_LOAD)
        return base - header.p_vaddr;
    }
  return base;
}

static Elf_Scn *
find_section (Elf *elf, GElf_Word type, GElf_Shdr *header)
{
  Elf_Scn *section = NULL;

  while ((section = elf_nextscn (elf, section)) != NULL)
    if (gelf_getshdr (section, header) != NULL && header->sh_type == type && header->sh_entsize != 0)
      return section;
  return NULL;
}

/* Whether the symbol names an address of the program, and whether there is code. */
static gboolean
names_an_address (Elf *elf, const GElf_Sym *symbol, gboolean *code)
{
  guint type = GELF_ST_TYPE (symbol->st_info);
  GElf_Shdr header = { 0 };

  if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_COMMON)
    return FALSE;
  *code = type == STT_FUNC || type == STT_GNU_IFUNC;
  if (*code || type == STT_OBJECT)
    return TRUE;
  if (type != STT_NOTYPE || symbol->st_shndx >= SHN_LORESERVE)
    return FALSE;
  if (gelf_getshdr (elf_getscn (elf, symbol->st_shndx), &header) == NULL)
    return FALSE;
  *code = (header.sh_flags & SHF_EXECINSTR) != 0;
  return (header.sh_flags & SHF_ALLOC) != 0;
}

/* Adds the symbols of one kind, global or local, and returns how many. */
static guint
add_symbols (AsternSymbols *symbols, Elf *elf, Elf_Data *data, const GElf_Shdr *table, gboolean local)
{
  guint64 n = table->sh_size / table->sh_entsize;
  guint added = 0;

  for (guint64 i = 1; i < MIN (n, G_MAXINT); i++)
    {
      GElf_Sym symbol;
      const char *name;
      gboolean code;

      if (gelf_getsym (data, (int) i, &symbol) == NULL)
        break;
      if ((GELF_ST_BIND (symbol.st_info) == STB_LOCAL) != local || !names_an_address (elf, &symbol, &code))
        continue;
      name = elf_strptr (elf, table->sh_link, symbol.st_name);
      if (name == NULL || *name == '\0' || g_str_has_prefix (name, ".L"))
        continue;
      astern_symbols_add (symbols, name, symbol.st_value, symbol.st_size, code);
      added++;
    }
  return added;
}

static gboolean
load (AsternSymbols *symbols, Elf *elf, const char *source, const guint64 *base, GError **error)
{
  GElf_Ehdr file;
  GElf_Shdr header;
  Elf_Scn *section;
  Elf_Data *data;
  guint n;

  if (elf_kind (elf) != ELF_K_ELF || gelf_getehdr (elf, &file) == NULL)
    return fail (source, _("it is not an ELF file"), error);
  if (file.e_type == ET_REL)
    return fail (source, _("it is not linked yet, so where its sections will lie is not known"), error);
  section = find_section (elf, SHT_SYMTAB, &header);
  if (section == NULL)
    section = find_section (elf, SHT_DYNSYM, &header);
  if (section == NULL)
    return fail (source, _("it was stripped of them; give the file as it came from the linker"), error);
  data = elf_getdata (section, NULL);
  if (data == NULL)
    return fail (source, _("its symbol table is damaged"), error);
  astern_symbols_begin (symbols, source, base != NULL ? slide_for (elf, *base) : 0);
  n = add_symbols (symbols, elf, data, &header, FALSE);      /* of several at one address the first is shown */
  n += add_symbols (symbols, elf, data, &header, TRUE);
  astern_symbols_sort (symbols);
  return n > 0;
}

gboolean
astern_symbols_load_elf (AsternSymbols *symbols, GBytes *bytes, const char *source, const guint64 *base, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  guint before = astern_symbols_sources (symbols);
  Elf *elf;
  gboolean ok;

  elf_version (EV_CURRENT);
  /* Only read from: libelf copies what it has to convert. */
  elf = elf_memory ((char *) data, size);
  if (elf == NULL)
    return fail (source, _("it is not an ELF file"), error);
  ok = load (symbols, elf, source, base, error);
  elf_end (elf);
  if (!ok && astern_symbols_sources (symbols) > before)
    {
      astern_symbols_drop_last (symbols);
      return fail (source, _("its symbol table is empty"), error);
    }
  return ok;
}
