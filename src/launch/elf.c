/* elf.c - reading ELF program headers and notes.
 * Source: System V ABI, chapters 4 (object files) and 5 (program loading).
 * Left out: section headers, relocation, big-endian files. */
#include "config.h"

#include "launch/elf.h"

#include "core/bytes.h"
#include "launch/options.h"

#include <glib/gi18n.h>

enum { PT_LOAD = 1, PT_NOTE = 4, MAX_PROGRAM_HEADERS = 4096 };

gboolean
astern_is_elf (GBytes *file)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  return size >= 52 && memcmp (data, "\177ELF", 4) == 0;
}

void
astern_elf_free (AsternElf *elf)
{
  if (elf == NULL)
    return;
  g_array_unref (elf->loads);
  g_array_unref (elf->notes);
  g_free (elf);
}

static gboolean
bad (const char *name, const char *reason, GError **error)
{
  g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE, _("Cannot boot “%s”: %s."), name, reason);
  return FALSE;
}

static guint32
read_segment (const AsternElf *elf, const guint8 *at, AsternElfSegment *segment)
{
  if (elf->is_64)
    *segment = (AsternElfSegment) {
      .file_offset = astern_get_le64 (at + 8), .virtual_address = astern_get_le64 (at + 16),
      .physical_address = astern_get_le64 (at + 24), .file_size = astern_get_le64 (at + 32),
      .memory_size = astern_get_le64 (at + 40),
    };
  else
    *segment = (AsternElfSegment) {
      .file_offset = astern_get_le32 (at + 4), .virtual_address = astern_get_le32 (at + 8),
      .physical_address = astern_get_le32 (at + 12), .file_size = astern_get_le32 (at + 16),
      .memory_size = astern_get_le32 (at + 20),
    };
  return astern_get_le32 (at);
}

static gboolean
segment_is_sane (const AsternElfSegment *segment, gsize size)
{
  return segment->file_offset <= size && segment->file_size <= size - segment->file_offset &&
         segment->file_size <= segment->memory_size &&
         segment->memory_size <= G_MAXINT64 && segment->physical_address <= G_MAXINT64 &&
         segment->virtual_address <= G_MAXUINT64 - segment->memory_size;
}

static gboolean
parse_headers (AsternElf *elf, const guint8 *data, gsize size, const char *name, GError **error)
{
  guint64 at = elf->is_64 ? astern_get_le64 (data + 32) : astern_get_le32 (data + 28);
  guint entry_size = astern_get_le16 (data + (elf->is_64 ? 54 : 42));
  guint n = astern_get_le16 (data + (elf->is_64 ? 56 : 44));
  guint needed = elf->is_64 ? 56 : 32;

  elf->entry = elf->is_64 ? astern_get_le64 (data + 24) : astern_get_le32 (data + 24);
  if (n == 0 || n > MAX_PROGRAM_HEADERS || entry_size < needed || at > size || (guint64) n * entry_size > size - at)
    return bad (name, _("its program headers are not in the file"), error);
  for (guint i = 0; i < n; i++)
    {
      AsternElfSegment segment;
      guint32 type = read_segment (elf, data + at + (gsize) i * entry_size, &segment);

      if (type == PT_NOTE)
        segment.memory_size = MAX (segment.memory_size, segment.file_size);
      if ((type == PT_LOAD || type == PT_NOTE) && !segment_is_sane (&segment, size))
        return bad (name, _("a program header makes no sense"), error);
      if (type == PT_LOAD && segment.memory_size > 0)
        g_array_append_val (elf->loads, segment);
      else if (type == PT_NOTE)
        g_array_append_val (elf->notes, segment);
    }
  if (elf->loads->len == 0)
    return bad (name, _("it has nothing to load"), error);
  return TRUE;
}

AsternElf *
astern_elf_parse (GBytes *file, const char *name, GError **error)
{
  g_autoptr (AsternElf) elf = g_new0 (AsternElf, 1);
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  elf->loads = g_array_new (FALSE, FALSE, sizeof (AsternElfSegment));
  elf->notes = g_array_new (FALSE, FALSE, sizeof (AsternElfSegment));
  if (!astern_is_elf (file))
    {
      bad (name, _("it is not an ELF file"), error);
      return NULL;
    }
  elf->is_64 = data[4] == 2;
  elf->machine = astern_get_le16 (data + 18);
  if (data[5] != 1 || (data[4] != 1 && data[4] != 2) || (elf->is_64 && size < 64) ||
      (elf->machine != 3 && elf->machine != 62))
    {
      bad (name, _("it is not an ELF file for x86"), error);
      return NULL;
    }
  if (!parse_headers (elf, data, size, name, error))
    return NULL;
  return g_steal_pointer (&elf);
}

void
astern_elf_add_segments (const AsternElf *elf, GBytes *file, AsternImage *image)
{
  for (guint i = 0; i < elf->loads->len; i++)
    {
      const AsternElfSegment *segment = &g_array_index (elf->loads, AsternElfSegment, i);

      astern_image_add (image, segment->physical_address, segment->memory_size,
                        g_bytes_new_from_bytes (file, segment->file_offset, segment->file_size), "program");
    }
}

guint64
astern_elf_physical_entry (const AsternElf *elf)
{
  for (guint i = 0; i < elf->loads->len; i++)
    {
      const AsternElfSegment *segment = &g_array_index (elf->loads, AsternElfSegment, i);

      if (elf->entry - segment->virtual_address < segment->memory_size)
        return elf->entry - segment->virtual_address + segment->physical_address;
    }
  return elf->entry;
}

/* One PT_NOTE: name size, contents size, type, name, contents, each padded to 4. */
static gboolean
find_in_notes (const guint8 *data, gsize size, const char *owner, guint32 type, const guint8 **at, gsize *found_size)
{
  gsize owner_size = strlen (owner) + 1;

  while (size >= 12)
    {
      gsize name_size = astern_get_le32 (data), contents_size = astern_get_le32 (data + 4);
      gsize name_padded = (name_size + 3) & ~(gsize) 3, contents_padded = (contents_size + 3) & ~(gsize) 3;

      if (name_padded > size - 12 || contents_size > size - 12 - name_padded)
        return FALSE;
      if (astern_get_le32 (data + 8) == type && name_size == owner_size && memcmp (data + 12, owner, owner_size) == 0)
        {
          *at = data + 12 + name_padded;
          *found_size = contents_size;
          return TRUE;
        }
      contents_padded = MIN (contents_padded, size - 12 - name_padded);
      data += 12 + name_padded + contents_padded;
      size -= 12 + name_padded + contents_padded;
    }
  return FALSE;
}

gboolean
astern_elf_find_note (const AsternElf *elf, GBytes *file, const char *owner, guint32 type, const guint8 **at,
                      gsize *size)
{
  const guint8 *data = g_bytes_get_data (file, NULL);

  for (guint i = 0; i < elf->notes->len; i++)
    {
      const AsternElfSegment *notes = &g_array_index (elf->notes, AsternElfSegment, i);

      if (find_in_notes (data + notes->file_offset, notes->file_size, owner, type, at, size))
        return TRUE;
    }
  return FALSE;
}
