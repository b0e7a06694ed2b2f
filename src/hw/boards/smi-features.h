/* smi-features - what firmware and board agree on about system management interrupts.
 *
 * Firmware reads in fw_cfg's file “etc/smi/supported-features” what there is, writes into “etc/smi/requested-features” what
 * it wants, and asks in “etc/smi/features-ok”, which reads 1 when it gets that; then it holds until the next reset.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped. */
#pragma once

#include "core/device.h"

/* An SMI by the APM port goes to all CPUs. */
#define SMI_FEATURE_BROADCAST (1u << 0)

extern const AsternDeviceClass smi_features_class;

/* Its files; once, before power-on. */
void     smi_features_add_files (AsternDevice *device, AsternDevice *fw_cfg);
/* Whether all of @features were agreed on. */
gboolean smi_features_has       (AsternDevice *device, guint64 features);
