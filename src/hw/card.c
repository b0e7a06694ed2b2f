/* card.c - see card.h. */
#include "config.h"

#include "hw/card.h"

#include <string.h>

#include <glib/gi18n.h>

/* A property's value; of objects, the object. */
typedef struct
{
  char    *text;              /* (nullable) */
  gpointer object;            /* drive, link; borrowed */
  GBytes  *rom;
  guint64  number;
  gboolean given;
} Value;

struct _AsternCardSettings
{
  const AsternCard *card;
  AsternMachine    *machine;
  const AsternIsaBus *isa;
  guint             bus;
  guint             n;
  Value            *values;   /* as card->properties */
};

const AsternCard *
astern_card_find (const char *name)
{
  for (guint i = 0; astern_cards[i] != NULL; i++)
    if (g_str_equal (astern_cards[i]->name, name) || g_strcmp0 (astern_cards[i]->alias, name) == 0)
      return astern_cards[i];
  return NULL;
}

const AsternProperty *
astern_card_find_property (const AsternCard *card, const char *name)
{
  for (const AsternProperty *property = card->properties; property != NULL && property->name != NULL; property++)
    if (g_str_equal (property->name, name))
      return property;
  return NULL;
}

static Value *
value_of (const AsternCardSettings *settings, const char *name)
{
  const AsternProperty *property = astern_card_find_property (settings->card, name);

  g_assert (property != NULL);
  return &settings->values[property - settings->card->properties];
}

/* ---- help ---- */

static const char *const kind_names[] = {
  [ASTERN_CARD_STORAGE] = N_("Storage"), [ASTERN_CARD_NETWORK] = N_("Network"), [ASTERN_CARD_DISPLAY] = N_("Display"),
  [ASTERN_CARD_SOUND] = N_("Sound"), [ASTERN_CARD_USB] = N_("USB"), [ASTERN_CARD_INPUT] = N_("Keyboards and pointers"),
  [ASTERN_CARD_CHARACTER] = N_("Serial and parallel ports, consoles"), [ASTERN_CARD_OTHER] = N_("Other"),
};

char *
astern_cards_help (void)
{
  GString *text = g_string_new (NULL);

  for (guint kind = 0; kind < G_N_ELEMENTS (kind_names); kind++)
    {
      gboolean any = FALSE;

      for (guint i = 0; astern_cards[i] != NULL; i++)
        if (astern_cards[i]->kind == kind)
          {
            if (!any)
              g_string_append_printf (text, "%s%s\n", text->len > 0 ? "\n" : "", _(kind_names[kind]));
            any = TRUE;
            g_string_append_printf (text, "  %-20s  %s\n", astern_cards[i]->name, _(astern_cards[i]->summary));
          }
    }
  return g_string_free (text, FALSE);
}

char *
astern_card_help (const AsternCard *card)
{
  static const char *const values[] = {
    [ASTERN_PROPERTY_SWITCH] = N_("on|off"), [ASTERN_PROPERTY_NUMBER] = N_("NUMBER"), [ASTERN_PROPERTY_SIZE] = N_("SIZE"),
    [ASTERN_PROPERTY_TEXT] = N_("TEXT"), [ASTERN_PROPERTY_MAC] = N_("ADDRESS"), [ASTERN_PROPERTY_DRIVE] = N_("DRIVE"),
    [ASTERN_PROPERTY_NETDEV] = N_("NETDEV"), [ASTERN_PROPERTY_CHARDEV] = N_("CHARDEV"), [ASTERN_PROPERTY_AUDIODEV] = N_("AUDIODEV"),
    [ASTERN_PROPERTY_FSDEV] = N_("FSDEV"),
    [ASTERN_PROPERTY_ROM] = N_("FILE"),
  };
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s: %s\n", card->name, _(card->summary));
  for (const AsternProperty *property = card->properties; property != NULL && property->name != NULL; property++)
    {
      g_autofree char *left = g_strdup_printf ("%s=%s", property->name, _(values[property->kind]));

      g_string_append_printf (text, "  %-24s  %s", left, property->help != NULL ? _(property->help) : "");
      if (property->fallback != NULL)
        g_string_append_printf (text, " (%s)", property->fallback);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

/* ---- words ---- */

static gboolean
wrong (const AsternCardSettings *settings, const char *name, const char *value, const char *wanted, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” of the device “%s” cannot be “%s”; it wants %s."), name,
               settings->card->name, value, wanted);
  return FALSE;
}

static gboolean
parse_switch (const char *text, guint64 *number)
{
  static const char *const on[] = { "on", "yes", "true", "1", NULL }, *const off[] = { "off", "no", "false", "0", NULL };

  *number = g_strv_contains (on, text);
  return *number || g_strv_contains (off, text);
}

static gboolean
parse_number (const char *text, gboolean size, guint64 *number)
{
  static const char units[] = "KMGT";
  char *end;
  const char *unit;

  *number = g_ascii_strtoull (text, &end, 0);
  if (end == text || text[0] == '-')
    return FALSE;
  if (size && *end != '\0' && end[1] == '\0' && (unit = strchr (units, g_ascii_toupper (*end))) != NULL)
    {
      guint shift = 10 * (guint) (unit - units + 1);

      if (*number > G_MAXUINT64 >> shift)
        return FALSE;
      *number <<= shift;
      end++;
    }
  return *end == '\0';
}

static gboolean
parse_mac (const char *text, guint64 *number)
{
  *number = 0;
  for (guint i = 0; i < 6; i++)
    {
      gint high = g_ascii_xdigit_value (text[0]);
      gint low = high >= 0 ? g_ascii_xdigit_value (text[1]) : -1;

      if (low < 0 || (i < 5 ? text[2] != ':' && text[2] != '-' : text[2] != '\0'))
        return FALSE;
      *number = *number << 8 | (guint) (high << 4 | low);
      text += i < 5 ? 3 : 2;
    }
  return TRUE;
}

gboolean
astern_settings_set (AsternCardSettings *settings, const char *name, const char *text, GError **error)
{
  const AsternProperty *property = astern_card_find_property (settings->card, name);
  Value *value;
  guint64 number = 0;

  if (property == NULL)
    {
      g_autoptr (GString) known = g_string_new (NULL);

      for (property = settings->card->properties; property != NULL && property->name != NULL; property++)
        g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", property->name);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The device “%s” has no property “%s”; it has: %s."),
                   settings->card->name, name, known->len > 0 ? known->str : _("none"));
      return FALSE;
    }
  switch (property->kind)
    {
    case ASTERN_PROPERTY_SWITCH:
      if (!parse_switch (text, &number))
        return wrong (settings, name, text, _("“on” or “off”"), error);
      break;
    case ASTERN_PROPERTY_NUMBER:
    case ASTERN_PROPERTY_SIZE:
      if (!parse_number (text, property->kind == ASTERN_PROPERTY_SIZE, &number))
        return wrong (settings, name, text, property->kind == ASTERN_PROPERTY_SIZE ? _("a size, as in 64M") : _("a number"), error);
      break;
    case ASTERN_PROPERTY_MAC:
      if (!parse_mac (text, &number))
        return wrong (settings, name, text, _("an address, as in 52:54:00:12:34:56"), error);
      break;
    default:
      break;
    }
  value = value_of (settings, name);
  g_free (value->text);
  value->text = g_strdup (text);
  value->number = number;
  value->given = TRUE;
  return TRUE;
}

/* ---- settings ---- */

AsternCardSettings *
astern_settings_new (const AsternCard *card, AsternMachine *machine)
{
  AsternCardSettings *settings = g_new0 (AsternCardSettings, 1);

  settings->card = card;
  settings->machine = machine;
  while (card->properties != NULL && card->properties[settings->n].name != NULL)
    settings->n++;
  settings->values = g_new0 (Value, settings->n + 1);
  for (guint i = 0; i < settings->n; i++)
    if (card->properties[i].fallback != NULL)
      {
        gboolean good = astern_settings_set (settings, card->properties[i].name, card->properties[i].fallback, NULL);

        g_assert (good);
        settings->values[i].given = FALSE;
      }
  return settings;
}

void
astern_settings_free (AsternCardSettings *settings)
{
  if (settings == NULL)
    return;
  for (guint i = 0; i < settings->n; i++)
    {
      g_free (settings->values[i].text);
      g_clear_pointer (&settings->values[i].rom, g_bytes_unref);
    }
  g_free (settings->values);
  g_free (settings);
}

void
astern_settings_set_drive (AsternCardSettings *settings, const char *name, AsternDevice *drive)
{
  value_of (settings, name)->object = drive;
}

void
astern_settings_set_link (AsternCardSettings *settings, const char *name, AsternLink *link)
{
  value_of (settings, name)->object = link;
}

void
astern_settings_set_rom (AsternCardSettings *settings, const char *name, GBytes *rom)
{
  Value *value = value_of (settings, name);

  g_clear_pointer (&value->rom, g_bytes_unref);
  value->rom = rom != NULL ? g_bytes_ref (rom) : NULL;
}

const char *
astern_settings_text (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->text;
}

guint64
astern_settings_number (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->number;
}

gboolean
astern_settings_switch (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->number != 0;
}

gboolean
astern_settings_given (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->given;
}

void
astern_settings_mac (const AsternCardSettings *settings, const char *name, guint8 mac[6])
{
  guint64 number = value_of (settings, name)->number;

  for (guint i = 0; i < 6; i++)
    mac[i] = (guint8) (number >> (8 * (5 - i)));
}

AsternDevice *
astern_settings_drive (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->object;
}

AsternLink *
astern_settings_link (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->object;
}

GBytes *
astern_settings_rom (const AsternCardSettings *settings, const char *name)
{
  return value_of (settings, name)->rom;
}

AsternMachine *
astern_settings_machine (const AsternCardSettings *settings)
{
  return settings->machine;
}

void
astern_settings_set_isa (AsternCardSettings *settings, const AsternIsaBus *isa)
{
  settings->isa = isa;
}

const AsternIsaBus *
astern_settings_isa (const AsternCardSettings *settings)
{
  return settings->isa;
}

void
astern_settings_set_bus (AsternCardSettings *settings, guint number)
{
  settings->bus = number;
}

guint
astern_settings_bus (const AsternCardSettings *settings)
{
  return settings->bus;
}
