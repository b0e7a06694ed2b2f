/* option-parsers - one function for each option that takes an argument with a
 * meaning of its own.  For options.c alone.
 *
 * Each leaves @options usable unless it returns FALSE; @name is the option as
 * the messages show it ("-smp"). */
#pragma once

#include "launch/options.h"

typedef gboolean (*AsternOptionFunc) (AsternLaunchOptions *options, const char *name, const char *argument,
                                      GError **error);

/* Keeps @name and @argument among the words that a recording keeps. */
void     astern_option_keep       (AsternLaunchOptions *options, const char *name, const char *argument);

gboolean astern_option_machine    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_smp        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_memory     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_boot       (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_serial     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_parallel   (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_monitor    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_debugcon   (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_display    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_spice      (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_vnc        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_vga        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_uuid       (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_acpitable  (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_smbios     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_watchdog   (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_watchdog_action (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_action     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_device     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_fsdev      (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_virtfs     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
void     astern_fs_item_clear     (AsternFsItem *item);
gboolean astern_option_drive      (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_disk       (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_chardev    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_netdev     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_nic        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_net        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_audiodev   (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_audio      (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_soundhw    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
void     astern_option_sound_defaults (AsternLaunchOptions *options);
gboolean astern_option_object     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_usb        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_usbdevice  (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
/* After all others: what there is without being asked for, places of drives, addresses of cards. */
void     astern_option_usb_defaults (AsternLaunchOptions *options);
gboolean astern_option_drive_defaults (AsternLaunchOptions *options, GError **error);
gboolean astern_option_network_defaults (AsternLaunchOptions *options, GError **error);
gboolean astern_option_fw_cfg     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_rtc        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_seed       (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_accel      (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_icount     (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_record_events (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_log        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_symbols    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_shift_at  (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_stop_at    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_disk_cache (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_history    (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_gdb        (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
gboolean astern_option_gdb_default (AsternLaunchOptions *options, const char *name, const char *argument, GError **error);
