/* human - who hears a person: which device gets the keys, and which the pointer.
 *
 * All that a person types and points comes through the door at one port, "human", as a byte that says what
 * it is (HumanKind) and packets of that kind, and is passed on to one device: of those that hear such things
 * and whose driver listens, the one that was plugged in last; when none listens, the first.  So a USB
 * keyboard takes over from the PS/2 one when the guest has set it up, and that is decided at the packet's
 * moment, in a replay too.
 *
 * To add a device that people use: a row in human.c.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"
#include "core/inputs.h"

#define HUMAN_PORT "human"

typedef enum
{
  HUMAN_KEYS,        /* packets as in hw/ps2-keyboard.h */
  HUMAN_RELATIVE,    /* packets as in hw/ps2-mouse.h */
  HUMAN_ABSOLUTE,    /* x and y, 0 .. HUMAN_POINTER_MAX, 16 bits each, little endian; dz and buttons as in hw/ps2-mouse.h */
  HUMAN_N_KINDS
} HumanKind;

#define HUMAN_KEYS_PACKET_BYTES     3
#define HUMAN_RELATIVE_PACKET_BYTES 6
#define HUMAN_ABSOLUTE_PACKET_BYTES 6
#define HUMAN_POINTER_MAX           32767

typedef struct
{
  const AsternDeviceClass *klass;
  guint8            kind;                           /* HumanKind */
  AsternInputFunc   input;                          /* the device is the receiver; whole packets */
  gboolean        (*listens) (AsternDevice *device);   /* the guest's driver has set it up; NULL: always */
} Human;

/* Ended by a NULL class. */
extern const Human humans[];

/* Who gets what is @kind now; (nullable): nobody can.  @listening: only one that listens. */
AsternDevice *human_find  (AsternMachine *machine, HumanKind kind, gboolean listening);

/* AsternInputFunc of the port "human"; @machine receives. */
void          human_input (gpointer machine, gconstpointer data, gsize size);
