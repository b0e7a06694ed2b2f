/* option-boot - the files of fw_cfg in which firmware finds what -boot says, beside the order.
 *
 * Threads: while the machine is stopped. */
#pragma once

#include "hw/fw-cfg.h"
#include "launch/options.h"

/* @splash: (nullable): the picture's content. */
void astern_boot_add_files (const AsternLaunchOptions *options, GBytes *splash, AsternDevice *fw_cfg);
