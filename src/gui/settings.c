/* settings.c - see settings.h. */
#include "config.h"

#include "gui/settings.h"

#define SCHEMA "org.astern.Astern"

/* A program in a prefix of its own finds its schema there. */
static GSettingsSchema *
find_schema (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  GSettingsSchema *schema = source != NULL ? g_settings_schema_source_lookup (source, SCHEMA, TRUE) : NULL;
  g_autoptr (GSettingsSchemaSource) own = NULL;

  if (schema != NULL)
    return schema;
  own = g_settings_schema_source_new_from_directory (SCHEMASDIR, source, FALSE, NULL);
  return own != NULL ? g_settings_schema_source_lookup (own, SCHEMA, FALSE) : NULL;
}

GSettings *
astern_window_settings_new (const char *key)
{
  g_autoptr (GSettingsSchema) schema = find_schema ();

  return schema != NULL && g_settings_schema_has_key (schema, key) ? g_settings_new_full (schema, NULL, NULL) : NULL;
}
