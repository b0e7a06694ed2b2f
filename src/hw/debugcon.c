/* debugcon.c - see debugcon.h.
 * Source: Bochs user manual, "port 0xE9 hack"; SeaBIOS documentation, "Debugging". */
#include "config.h"

#include "hw/debugcon.h"

#define ID 0xe9

typedef struct
{
  guint64 written;    /* bytes so far */
} DebugconState;

typedef struct
{
  AsternDevice         parent;
  DebugconState        s;
  DebugconTransmitFunc transmit;   /* (nullable) */
  gpointer             host;
} Debugcon;

static guint64
id_value (gconstpointer state, guint32 offset)
{
  return ID;
}

static void
data_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Debugcon *debugcon = (Debugcon *) device;
  guint8 byte = value;

  debugcon->s.written++;
  if (debugcon->transmit != NULL)
    debugcon->transmit (debugcon->host, &byte, 1);
}

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_R, 1, "ID", ASTERN_NO_BACKING, 0, 0, id_value, NULL, NULL, 1, NULL },
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 1, "Data", ASTERN_NO_BACKING, 0, 0, NULL, NULL, data_did_write, 1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "port", .size = 1, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = { ASTERN_FIELD (DebugconState, written, 1) };

static void
reset (AsternDevice *device)
{
  ((Debugcon *) device)->s.written = 0;
}

const AsternDeviceClass debugcon_class = {
  .name = "debugcon", .summary = "debug output port", .state_version = 1,
  .instance_size = sizeof (Debugcon),
  .state_offset = G_STRUCT_OFFSET (Debugcon, s), .state_size = sizeof (DebugconState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = reset,
};

void
debugcon_set_transmit (AsternDevice *device, DebugconTransmitFunc transmit, gpointer host)
{
  Debugcon *debugcon = (Debugcon *) device;

  debugcon->transmit = transmit;
  debugcon->host = host;
}
