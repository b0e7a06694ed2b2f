/* img-info.c - `astern img info`, `check` and `map`: what is in an image. */
#include "config.h"

#include "cli/img.h"
#include "cli/json.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define ENTRY(letter, name, kind, where, text, argument) { name, letter, 0, G_OPTION_ARG_##kind, where, text, argument }
#define END_OF_ENTRIES { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }

static GVariant *
snapshots_variant (GPtrArray *snapshots)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < snapshots->len; i++)
    {
      const AsternDiskSnapshot *s = g_ptr_array_index (snapshots, i);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "id", g_variant_new_string (s->id));
      g_variant_builder_add (&list, "{sv}", "name", g_variant_new_take_string (g_utf8_make_valid (s->name, -1)));
      g_variant_builder_add (&list, "{sv}", "vm-state-size", g_variant_new_uint64 (s->vm_state_size));
      g_variant_builder_add (&list, "{sv}", "date-sec", g_variant_new_uint64 (s->date_s));
      g_variant_builder_add (&list, "{sv}", "date-nsec", g_variant_new_uint64 (s->date_ns));
      g_variant_builder_add (&list, "{sv}", "vm-clock-sec", g_variant_new_uint64 (s->vm_clock_ns / 1000000000));
      g_variant_builder_add (&list, "{sv}", "vm-clock-nsec", g_variant_new_uint64 (s->vm_clock_ns % 1000000000));
      g_variant_builder_add (&list, "{sv}", "disk-size", g_variant_new_uint64 (s->disk_size));
      if (s->icount != G_MAXUINT64)
        g_variant_builder_add (&list, "{sv}", "icount", g_variant_new_uint64 (s->icount));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static GVariant *
name_variant (const char *name)
{
  return g_variant_new_take_string (g_utf8_make_valid (name, -1));
}

static GVariant *
info_variant (AsternDiskFile *file, GPtrArray *snapshots)
{
  g_autoptr (GVariant) details = astern_disk_file_details (file);
  g_autofree char *full = astern_disk_file_backing_spec (file);
  GVariantDict dict, particular;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "filename", name_variant (astern_disk_file_spec (file)));
  g_variant_dict_insert (&dict, "format", "s", astern_disk_file_format (file));
  g_variant_dict_insert (&dict, "virtual-size", "t", astern_disk_file_size (file));
  g_variant_dict_insert (&dict, "actual-size", "t", astern_disk_file_room (file));
  g_variant_dict_insert (&dict, "dirty-flag", "b", astern_disk_file_is_dirty (file));
  if (astern_disk_file_cluster_size (file) != 0)
    g_variant_dict_insert (&dict, "cluster-size", "t", astern_disk_file_cluster_size (file));
  if (full != NULL)
    {
      g_variant_dict_insert_value (&dict, "backing-filename", name_variant (astern_disk_file_backing_name (file)));
      g_variant_dict_insert_value (&dict, "full-backing-filename", name_variant (full));
    }
  if (full != NULL && astern_disk_file_backing_format (file) != NULL)
    g_variant_dict_insert_value (&dict, "backing-filename-format", name_variant (astern_disk_file_backing_format (file)));
  if (snapshots->len > 0)
    g_variant_dict_insert_value (&dict, "snapshots", snapshots_variant (snapshots));
  if (g_variant_n_children (details) > 0)
    {
      g_variant_dict_init (&particular, NULL);
      g_variant_dict_insert (&particular, "type", "s", astern_disk_file_format (file));
      g_variant_dict_insert_value (&particular, "data", details);
      g_variant_dict_insert_value (&dict, "format-specific", g_variant_dict_end (&particular));
    }
  return g_variant_dict_end (&dict);
}

static void
print_details (AsternDiskFile *file)
{
  g_autoptr (GVariant) details = astern_disk_file_details (file);
  g_autoptr (GPtrArray) entries = astern_json_entries (details);

  for (guint i = 0; i < entries->len; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GVariant) value = NULL;
      const char *key;

      g_variant_get (g_ptr_array_index (entries, i), "{&sv}", &key, &value);
      astern_json_append (text, value, 0);
      g_print ("    %s: %s\n", key, g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_get_string (value, NULL) : text->str);
    }
}

static void
print_info (AsternDiskFile *file, GPtrArray *snapshots)
{
  g_autofree char *size = img_size (astern_disk_file_size (file)), *room = img_size (astern_disk_file_room (file));
  const char *backing = astern_disk_file_backing_name (file);
  g_autoptr (GVariant) details = astern_disk_file_details (file);

  g_print (_("image: %s\n"), astern_disk_file_spec (file));
  g_print (_("file format: %s\n"), astern_disk_file_format (file));
  g_print (_("virtual size: %s (%" PRIu64 " bytes)\n"), size, astern_disk_file_size (file));
  g_print (_("disk size: %s (%" PRIu64 " bytes)\n"), room, astern_disk_file_room (file));
  if (astern_disk_file_cluster_size (file) != 0)
    g_print (_("cluster size: %" PRIu64 "\n"), astern_disk_file_cluster_size (file));
  if (backing != NULL)
    g_print (_("based on: %s (%s)\n"), backing,
             astern_disk_file_backing_format (file) != NULL ? astern_disk_file_backing_format (file) : _("of a format that is not given"));
  if (astern_disk_file_is_dirty (file))
    g_print (_("was not closed: it is checked when it is next written\n"));
  if (snapshots->len > 0)
    g_print (_("snapshots: %u\n"), snapshots->len);
  for (guint i = 0; i < snapshots->len; i++)
    {
      const AsternDiskSnapshot *s = g_ptr_array_index (snapshots, i);
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_local ((gint64) s->date_s);
      g_autofree char *when = date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M:%S") : NULL;

      g_print ("    %-4s %-24s %s\n", s->id, s->name, when != NULL ? when : "");
    }
  if (g_variant_n_children (details) > 0)
    g_print (_("particular to the format:\n"));
  print_details (file);
}

static gboolean
show_info (AsternDiskFile *file, gboolean json, gboolean chain, GError **error)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (AsternDiskFile *at = file; at != NULL; at = chain ? astern_disk_file_backing (at) : NULL)
    {
      g_autoptr (GPtrArray) snapshots = astern_disk_file_snapshots (at, error);

      if (snapshots == NULL)
        {
          g_variant_builder_clear (&list);
          return FALSE;
        }
      if (json)
        g_variant_builder_add (&list, "v", info_variant (at, snapshots));
      else
        {
          if (at != file)
            g_print ("\n");
          print_info (at, snapshots);
        }
    }
  if (json)
    {
      g_autoptr (GVariant) all = g_variant_ref_sink (g_variant_builder_end (&list)), first = g_variant_get_child_value (all, 0);

      img_print_json (chain ? all : first);
    }
  else
    g_variant_builder_clear (&list);
  return TRUE;
}

int
img_info (const char *const *args)
{
  g_autofree char *format = NULL, *output = NULL;
  g_auto (GStrv) words = NULL;
  gboolean chain = FALSE, shared = FALSE, json;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY (0, "output", STRING, &output, N_("For people (human) or programs (json)"), "human|json"),
    ENTRY (0, "backing-chain", NONE, &chain, N_("Also of all that it is based on"), NULL),
    ENTRY ('U', "force-share", NONE, &shared, N_("Although another program may be writing it"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "info", _("FILE"), _("Says what is known about an image."), entries, 1, 1 };
  g_autoptr (AsternDiskFile) file = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (!img_is_json (output, &json, &error))
    return img_fail (error, IMG_FAILED);
  file = astern_disk_file_open (words[0], format, (chain ? 0 : ASTERN_DISK_FILE_NO_BACKING) | (shared ? ASTERN_DISK_FILE_SHARED : 0), &error);
  if (file == NULL || !show_info (file, json, chain, &error))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}

static void
print_finding (gpointer user, const char *finding)
{
  g_printerr ("%s\n", finding);
}

static void
print_check (AsternDiskFile *file, const AsternDiskFileCheck *r)
{
  if (r->corruptions_fixed + r->leaks_fixed > 0)
    g_print (_("Repaired: %" PRIu64 " errors, %" PRIu64 " leaked clusters.\n"), r->corruptions_fixed, r->leaks_fixed);
  if (r->corruptions + r->leaks == 0)
    g_print (_("There are no errors in the image.\n"));
  if (r->corruptions > 0)
    g_print (_("There are %" PRIu64 " errors in the image: data may be lost, and what is written may make it worse.\n"), r->corruptions);
  if (r->leaks > 0)
    g_print (_("%" PRIu64 " clusters are leaked: they take up room, and do no harm.\n"), r->leaks);
  g_print (_("%" PRIu64 "/%" PRIu64 " clusters (%.2f%%) allocated, %.2f%% of them fragmented, %.2f%% compressed\n"), r->allocated, r->clusters,
           r->clusters > 0 ? 100.0 * (double) r->allocated / (double) r->clusters : 0.0,
           r->allocated > 0 ? 100.0 * (double) r->fragmented / (double) r->allocated : 0.0,
           r->allocated > 0 ? 100.0 * (double) r->compressed / (double) r->allocated : 0.0);
  g_print (_("The image ends at %" PRIu64 ".\n"), r->image_end);
}

static void
print_check_json (AsternDiskFile *file, const AsternDiskFileCheck *r)
{
  GVariantDict dict;
  g_autoptr (GVariant) all = NULL;
  const struct { const char *key; guint64 value; gboolean always; } rows[] = {
    { "check-errors", r->errors, TRUE }, { "image-end-offset", r->image_end, TRUE }, { "total-clusters", r->clusters, TRUE },
    { "allocated-clusters", r->allocated, TRUE }, { "fragmented-clusters", r->fragmented, FALSE },
    { "compressed-clusters", r->compressed, FALSE }, { "corruptions", r->corruptions, FALSE }, { "leaks", r->leaks, FALSE },
    { "corruptions-fixed", r->corruptions_fixed, FALSE }, { "leaks-fixed", r->leaks_fixed, FALSE },
  };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "filename", name_variant (astern_disk_file_spec (file)));
  g_variant_dict_insert (&dict, "format", "s", astern_disk_file_format (file));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].always || rows[i].value != 0)
      g_variant_dict_insert (&dict, rows[i].key, "t", rows[i].value);
  all = g_variant_ref_sink (g_variant_dict_end (&dict));
  img_print_json (all);
}

static gboolean
parse_repair (const char *text, AsternRepair *repair, GError **error)
{
  if (text == NULL)
    *repair = 0;
  else if (g_str_equal (text, "leaks"))
    *repair = ASTERN_REPAIR_LEAKS;
  else if (g_str_equal (text, "all"))
    *repair = ASTERN_REPAIR_LEAKS | ASTERN_REPAIR_ERRORS;
  else
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("What is repaired is “leaks” or “all”, not “%s”."), text);
      return FALSE;
    }
  return TRUE;
}

int
img_check (const char *const *args)
{
  g_autofree char *format = NULL, *output = NULL, *repairs = NULL;
  g_auto (GStrv) words = NULL;
  gboolean shared = FALSE, quiet = FALSE, json;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY (0, "output", STRING, &output, N_("For people (human) or programs (json)"), "human|json"),
    ENTRY ('r', "repair", STRING, &repairs, N_("Repair clusters that are leaked, or all errors"), "leaks|all"),
    ENTRY ('U', "force-share", NONE, &shared, N_("Although another program may be writing it"), NULL),
    ENTRY ('q', "quiet", NONE, &quiet, N_("Say nothing but errors"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "check", _("FILE"),
    _("Looks for errors in an image.  Exit status: 0 no errors, 1 it could not be checked, 2 errors, 3 only leaked clusters,\n"
      "63 a format without a check."), entries, 1, 1 };
  g_autoptr (AsternDiskFile) file = NULL;
  g_autoptr (GError) error = NULL;
  AsternDiskFileCheck result;
  AsternRepair repair;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (!img_is_json (output, &json, &error) || !parse_repair (repairs, &repair, &error))
    return img_fail (error, IMG_FAILED);
  file = astern_disk_file_open (words[0], format, ASTERN_DISK_FILE_NO_BACKING | ASTERN_DISK_FILE_REPAIR |
                                (repair != 0 ? ASTERN_DISK_FILE_WRITE : 0) | (shared ? ASTERN_DISK_FILE_SHARED : 0), &error);
  if (file == NULL || !astern_disk_file_check (file, repair, quiet ? NULL : print_finding, NULL, &result, &error))
    return img_fail (error, file != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED) ? IMG_UNCHECKED : IMG_FAILED);
  if (json)
    print_check_json (file, &result);
  else if (!quiet)
    print_check (file, &result);
  if (!astern_disk_file_close (g_steal_pointer (&file), &error))
    return img_fail (error, IMG_FAILED);
  return result.corruptions > 0 ? IMG_CORRUPT : result.leaks > 0 ? IMG_LEAKS : IMG_OK;
}

static gboolean
goes_on (const AsternDiskFileExtent *a, const AsternDiskFileExtent *b)
{
  return a->depth == b->depth && a->present == b->present && a->zero == b->zero && a->data == b->data &&
         a->compressed == b->compressed && a->placed == b->placed && a->file_name == b->file_name &&
         (!a->placed || a->offset + a->length == b->offset);
}

static void
print_extent (const AsternDiskFileExtent *e, guint64 start, gboolean json, gboolean first)
{
  if (json)
    {
      g_print ("%s{ \"start\": %" PRIu64 ", \"length\": %" PRIu64 ", \"depth\": %u, \"present\": %s, \"zero\": %s, \"data\": %s, \"compressed\": %s",
               first ? "[" : ",\n", start, e->length, e->depth, e->present ? "true" : "false", e->zero ? "true" : "false",
               e->data ? "true" : "false", e->compressed ? "true" : "false");
      if (e->placed)
        g_print (", \"offset\": %" PRIu64, e->offset);
      g_print ("}");
    }
  else if (e->data && !e->zero && e->placed)
    g_print ("%#-15" PRIx64 " %#-15" PRIx64 " %#-15" PRIx64 " %s\n", start, e->length, e->offset, e->file_name);
  else if (e->data && !e->zero)
    g_print ("%#-15" PRIx64 " %#-15" PRIx64 " %-15s %s\n", start, e->length, _("compressed"), e->file_name != NULL ? e->file_name : "");
}

static gboolean
show_map (AsternDiskFile *file, guint64 start, guint64 end, gboolean json, GError **error)
{
  AsternDiskFileExtent whole = { 0 }, next;
  gboolean first = TRUE;

  if (!json)
    g_print ("%-15s %-15s %-15s %s\n", _("Offset"), _("Length"), _("Mapped to"), _("File"));
  for (guint64 at = start; at < end; at += next.length)
    {
      if (!astern_disk_file_map (file, at, end - at, 0, &next, error))
        return FALSE;
      if (whole.length > 0 && goes_on (&whole, &next))
        {
          whole.length += next.length;
          continue;
        }
      if (whole.length > 0)
        {
          print_extent (&whole, at - whole.length, json, first);
          first = FALSE;
        }
      whole = next;
    }
  if (whole.length > 0)
    print_extent (&whole, end - whole.length, json, first);
  if (json)
    g_print (whole.length > 0 ? "]\n" : "[]\n");
  return TRUE;
}

int
img_map (const char *const *args)
{
  g_autofree char *format = NULL, *output = NULL, *start_text = NULL, *length_text = NULL;
  g_auto (GStrv) words = NULL;
  gboolean shared = FALSE, json;
  const GOptionEntry entries[] = {
    ENTRY ('f', "format", STRING, &format, N_("The image’s format"), "FORMAT"),
    ENTRY (0, "output", STRING, &output, N_("For people (human) or programs (json)"), "human|json"),
    ENTRY ('s', "start-offset", STRING, &start_text, N_("From this offset on"), "OFFSET"),
    ENTRY ('l', "max-length", STRING, &length_text, N_("So many bytes"), "SIZE"),
    ENTRY ('U', "force-share", NONE, &shared, N_("Although another program may be writing it"), NULL),
    END_OF_ENTRIES,
  };
  const ImgCommand command = { "map", _("FILE"), _("Lists which parts of the disk lie where in which file."), entries, 1, 1 };
  g_autoptr (AsternDiskFile) file = NULL;
  g_autoptr (GError) error = NULL;
  guint64 start = 0, length = G_MAXUINT64, size;
  int status;

  words = img_parse (&command, args, &status);
  if (words == NULL)
    return status;
  if (!img_is_json (output, &json, &error) || (start_text != NULL && !img_parse_size (start_text, &start, &error)) ||
      (length_text != NULL && !img_parse_size (length_text, &length, &error)))
    return img_fail (error, IMG_FAILED);
  file = astern_disk_file_open (words[0], format, shared ? ASTERN_DISK_FILE_SHARED : 0, &error);
  if (file == NULL)
    return img_fail (error, IMG_FAILED);
  size = astern_disk_file_size (file);
  start = MIN (start, size);
  if (!show_map (file, start, start + MIN (length, size - start), json, &error))
    return img_fail (error, IMG_FAILED);
  return IMG_OK;
}
