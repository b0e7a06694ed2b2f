/* isa-debug-exit.c - see isa-debug-exit.h.
 * Source: the behaviour that guests' test suites expect of QEMU's device of this name. */
#include "config.h"

#include "hw/isa-debug-exit.h"

#include "core/machine.h"

typedef struct
{
  guint32 written;    /* the last value */
} DebugExitState;

typedef struct
{
  AsternDevice   parent;
  DebugExitState s;
} DebugExit;

static void
exit_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  if (device->machine != NULL)
    astern_machine_stop (device->machine, ASTERN_STOP_DEBUG_EXIT, device->machine->running_cpu,
                         value, NULL);
}

#define AT(member) G_STRUCT_OFFSET (DebugExitState, member)

/* It reads as zero. */
static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_R, 4, "Nothing", ASTERN_NO_BACKING, 0, 0, NULL, NULL, NULL, 1, NULL },
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 1, "Exit", AT (written), 0, 0xff, NULL, NULL, exit_did_write, 1, NULL },
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 2, "Exit", AT (written), 0, 0xffff, NULL, NULL, exit_did_write, 1, NULL },
  { 0, ASTERN_ANY_BANK, ASTERN_REG_W, 4, "Exit", AT (written), 0, 0xffffffff, NULL, NULL, exit_did_write, 1, NULL },
};

static const AsternWindow windows[] = {
  { .name = "ports", .size = 4, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = { ASTERN_FIELD (DebugExitState, written, 1) };

const AsternDeviceClass isa_debug_exit_class = {
  .name = "isa-debug-exit", .summary = "a port that ends the run", .state_version = 1,
  .instance_size = sizeof (DebugExit),
  .state_offset = G_STRUCT_OFFSET (DebugExit, s), .state_size = sizeof (DebugExitState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
};
