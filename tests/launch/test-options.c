/* Command lines, good and bad. */
#include "config.h"

#include "launch/options.h"

#include <string.h>

#define ARGS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static AsternLaunchOptions *
parsed (const char *const *args)
{
  AsternLaunchOptions *options = astern_launch_options_new ();
  g_autoptr (GError) error = NULL;

  astern_launch_options_parse (options, args, &error);
  g_assert_no_error (error);
  return options;
}

static void
the_usual_command_line_is_understood (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-m", "512", "--kernel", "vmlinuz", "-initrd", "a.cpio.gz", "-append", "console=ttyS0 quiet",
                  "-nographic", "-no-reboot", "-smp", "4", "-cpu", "x86-64-v2,-avx"));

  g_assert_cmpuint (options->memory_bytes, ==, G_GUINT64_CONSTANT (512) << 20);
  g_assert_cmpstr (options->kernel, ==, "vmlinuz");
  g_assert_cmpstr (options->initrd, ==, "a.cpio.gz");
  g_assert_cmpstr (options->append, ==, "console=ttyS0 quiet");
  g_assert_cmpstr (options->cpu, ==, "x86-64-v2,-avx");
  g_assert_true (options->nographic && options->no_reboot);
  g_assert_cmpint (options->n_cpus, ==, 4);
  g_assert_cmpint (options->n_serials, ==, 1);
  g_assert_cmpint (options->serials[0].kind, ==, ASTERN_CHARDEV_STDIO);
  g_assert_true (options->serials[0].monitor);
}

static void
a_monitor_of_its_own_leaves_the_serial_port_the_terminal (void)
{
  g_autoptr (AsternLaunchOptions) alone = parsed (ARGS ("-nographic", "-monitor", "none"));
  g_autoptr (AsternLaunchOptions) taken = parsed (ARGS ("-nographic", "-monitor", "stdio"));
  g_autoptr (AsternLaunchOptions) dark = parsed (ARGS ("-display", "none"));

  g_assert_cmpint (alone->serials[0].kind, ==, ASTERN_CHARDEV_STDIO);
  g_assert_false (alone->serials[0].monitor);
  g_assert_cmpint (taken->serials[0].kind, ==, ASTERN_CHARDEV_NULL);
  g_assert_cmpint (dark->serials[0].kind, ==, ASTERN_CHARDEV_NULL);
}

static void
gdb_is_waited_for_on_this_host_unless_an_address_is_given (void)
{
  g_autoptr (AsternLaunchOptions) brief = parsed (ARGS ("-s", "-S"));
  g_autoptr (AsternLaunchOptions) open = parsed (ARGS ("-gdb", "tcp:0.0.0.0:4444,arch=i8086,linear-pc=on"));
  g_autoptr (AsternLaunchOptions) path = parsed (ARGS ("-gdb", "unix:/tmp/g"));
  g_autoptr (AsternLaunchOptions) piped = parsed (ARGS ("-gdb", "stdio", "-nographic"));
  g_autoptr (AsternLaunchOptions) none = parsed (ARGS ("-gdb", "tcp::1", "-gdb", "none"));

  g_assert_true (brief->gdb_given && brief->start_stopped && brief->gdb.server && brief->gdb.nowait);
  g_assert_cmpstr (brief->gdb.host, ==, "127.0.0.1");
  g_assert_cmpuint (brief->gdb.port, ==, 1234);
  g_assert_cmpint (brief->gdb_options.arch, ==, ASTERN_GDB_ARCH_AUTO);
  g_assert_cmpstr (open->gdb.host, ==, "0.0.0.0");
  g_assert_cmpint (open->gdb_options.arch, ==, ASTERN_GDB_ARCH_I8086);
  g_assert_true (open->gdb_options.linear_pc && !open->start_stopped);
  g_assert_true (path->gdb.is_unix && path->gdb.server);
  g_assert_cmpint (piped->gdb.kind, ==, ASTERN_CHARDEV_STDIO);
  g_assert_cmpint (piped->serials[0].kind, ==, ASTERN_CHARDEV_NULL);
  g_assert_false (none->gdb_given);
}

static void
serial_ports_are_counted_in_order (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-serial", "file:a=b,c", "-serial", "tcp:[::1]:4444,server,nowait", "-serial", "unix:/tmp/s,server=on,wait=off"));

  g_assert_cmpint (options->n_serials, ==, 3);
  g_assert_cmpstr (options->serials[0].path, ==, "a=b,c");
  g_assert_cmpstr (options->serials[1].host, ==, "::1");
  g_assert_cmpint (options->serials[1].port, ==, 4444);
  g_assert_true (options->serials[1].server && options->serials[1].nowait);
  g_assert_true (options->serials[2].is_unix && options->serials[2].server && options->serials[2].nowait);
}

static void
sizes_have_units (void)
{
  static const struct { const char *text; guint64 mib; } sizes[] = {
    { "512", 512 }, { "512M", 512 }, { "2G", 2048 }, { "size=1g", 1024 }, { "4096k", 4 }, { "1", 1 }, { "0x80", 128 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (AsternLaunchOptions) options = parsed (ARGS ("-m", sizes[i].text));

      g_assert_cmpuint (options->memory_bytes >> 20, ==, sizes[i].mib);
    }
}

static void
the_clock_and_the_seed_can_be_given (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "0x10", "-stop-at", "@1000", "-shift-at", "@1.5ms", "-icount", "shift=0,sleep=off"));

  g_assert_cmpint (options->rtc_base, ==, ASTERN_RTC_DATE);
  g_assert_cmpuint (options->rtc_date_s, ==, 1767225600);
  g_assert_true (options->seed_given);
  g_assert_cmpuint (options->seed, ==, 16);
  g_assert_cmpuint (options->stop_at, ==, 1000);
  g_assert_cmpuint (options->shift_ns, ==, 1500000);
  g_assert_null (options->shift_at);
  g_assert_false (options->idle_sleep);
}

static void
devices_and_files_for_the_firmware_are_understood (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-fw_cfg", "name=opt/a,string=one,,two",
                  "-fw_cfg", "opt/b,file=b.bin", "-L", "/one", "-L", "/two"));
  const AsternFwCfgItem *items = (const AsternFwCfgItem *) options->fw_cfg->data;

  g_assert_true (options->debug_exit);
  g_assert_cmphex (options->debug_exit_iobase, ==, 0xf4);
  g_assert_cmpint (options->debug_exit_iosize, ==, 4);
  g_assert_cmpstr (items[0].string, ==, "one,two");
  g_assert_cmpstr (items[1].name, ==, "opt/b");
  g_assert_cmpstr (items[1].file, ==, "b.bin");
  g_assert_cmpint (options->firmware_dirs->len, ==, 2);
}

static void
symbols_may_have_a_base (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-symbols", "vmlinux", "-symbols", "lib@2.so@0x7f0000000000", "-symbols", "me@home", "-symbols", "b@4096k"));
  const AsternSymbolsItem *items = (const AsternSymbolsItem *) options->symbols->data;

  g_assert_cmpuint (options->symbols->len, ==, 4);
  g_assert_false (items[0].has_base);
  g_assert_cmpstr (items[1].file, ==, "lib@2.so");
  g_assert_cmphex (items[1].base, ==, G_GUINT64_CONSTANT (0x7f0000000000));
  g_assert_cmpstr (items[2].file, ==, "me@home");
  g_assert_cmpstr (items[3].file, ==, "b@4096k");
}

/* Each is one sentence, with the words by which its reader finds the way. */
static const struct { const char *const args[6]; int code; const char *says; } bad_lines[] = {
  { { "-nosuch" },                        ASTERN_LAUNCH_ERROR_USAGE, "-nosuch" },
  { { "-kernal", "x" },                   ASTERN_LAUNCH_ERROR_USAGE, "“-kernel”" },
  { { "--" },                             ASTERN_LAUNCH_ERROR_USAGE, "“--”" },
  { { "-m" },                             ASTERN_LAUNCH_ERROR_USAGE, "-m" },
  { { "-m", "much" },                     ASTERN_LAUNCH_ERROR_USAGE, "much" },
  { { "-m", "0" },                        ASTERN_LAUNCH_ERROR_USAGE, "at least 1 MiB" },
  { { "-m", "-5" },                       ASTERN_LAUNCH_ERROR_USAGE, "-5" },
  { { "-m", "99999999999999999999" },     ASTERN_LAUNCH_ERROR_USAGE, "999" },
  { { "-m", "2T" },                       ASTERN_LAUNCH_ERROR_MEMORY, "1 TiB" },
  { { "-m", "512,slots=2" },              ASTERN_LAUNCH_ERROR_USAGE, "slots" },
  { { "-m", "" },                         ASTERN_LAUNCH_ERROR_USAGE, "-m" },
  { { "-smp", "0" },                      ASTERN_LAUNCH_ERROR_USAGE, "1–8" },
  { { "-smp", "9" },                      ASTERN_LAUNCH_ERROR_USAGE, "1–8" },
  { { "-smp", "4,cores=3" },              ASTERN_LAUNCH_ERROR_USAGE, "sockets" },
  { { "-smp", "2,maxcpus=4" },            ASTERN_LAUNCH_ERROR_USAGE, "grow" },
  { { "-smp", "beards=2" },               ASTERN_LAUNCH_ERROR_USAGE, "beards" },
  { { "-machine", "microvm" },            ASTERN_LAUNCH_ERROR_UNAVAILABLE, "“pc”" },
  { { "-M", "virt" },                     ASTERN_LAUNCH_ERROR_USAGE, "“pc”" },
  { { "-machine", "pc,beans=off" },       ASTERN_LAUNCH_ERROR_USAGE, "beans" },
  { { "-accel", "direct" },               ASTERN_LAUNCH_ERROR_UNAVAILABLE, "translate" },
  { { "-accel", "steam" },                ASTERN_LAUNCH_ERROR_USAGE, "translate" },
  { { "-accel", "translate,tier=three" }, ASTERN_LAUNCH_ERROR_USAGE, "interp" },
  { { "-accel", "tcg,thread=multi" },     ASTERN_LAUNCH_ERROR_UNAVAILABLE, "single" },
  { { "-serial", "vc" },                  ASTERN_LAUNCH_ERROR_USAGE, "astern gui" },
  { { "-serial", "mon:pty" },             ASTERN_LAUNCH_ERROR_USAGE, "mon:stdio" },
  { { "-serial", "tcp:nowhere" },         ASTERN_LAUNCH_ERROR_USAGE, "port" },
  { { "-serial", "tcp:h:99999" },         ASTERN_LAUNCH_ERROR_USAGE, "65535" },
  { { "-serial", "unix:" },               ASTERN_LAUNCH_ERROR_USAGE, "path" },
  { { "-serial", "unix:/s,loudly" },      ASTERN_LAUNCH_ERROR_USAGE, "loudly" },
  { { "-serial", "file:" },               ASTERN_LAUNCH_ERROR_USAGE, "file:" },
  { { "-serial", "stdio", "-monitor", "stdio" }, ASTERN_LAUNCH_ERROR_USAGE, "once" },
  { { "-smbios", "product=x" },           ASTERN_LAUNCH_ERROR_USAGE,       "type=1" },
  { { "-display", "gtk" },                ASTERN_LAUNCH_ERROR_UNAVAILABLE, "none" },
  { { "-vga", "voodoo" },                 ASTERN_LAUNCH_ERROR_UNAVAILABLE, "std" },
  { { "-device", "warp-drive" },          ASTERN_LAUNCH_ERROR_USAGE, "-device help" },
  { { "-chardev", "null" },               ASTERN_LAUNCH_ERROR_USAGE, "id=" },
  { { "-chardev", "socket,id=a" },        ASTERN_LAUNCH_ERROR_USAGE, "port" },
  { { "-device", "isa-debug-exit,iosize=8" }, ASTERN_LAUNCH_ERROR_USAGE, "1–4" },
  { { "-device", "isa-debug-exit,irq=3" }, ASTERN_LAUNCH_ERROR_USAGE, "iobase" },
  { { "-gdb", "file:x" },                 ASTERN_LAUNCH_ERROR_USAGE, "tcp::PORT" },
  { { "-gdb", "mon:stdio" },              ASTERN_LAUNCH_ERROR_USAGE, "tcp::PORT" },
  { { "-gdb", "tcp:1234:x" },             ASTERN_LAUNCH_ERROR_USAGE, "port" },
  { { "-gdb", "tcp::1,arch=arm" },        ASTERN_LAUNCH_ERROR_USAGE, "i8086" },
  { { "-gdb", "tcp::1,linear-pc=2" },     ASTERN_LAUNCH_ERROR_USAGE, "on or off" },
  { { "-gdb", "stdio", "-monitor", "stdio" }, ASTERN_LAUNCH_ERROR_USAGE, "once" },
  { { "-nic", "vde" },                    ASTERN_LAUNCH_ERROR_UNAVAILABLE, "user" },
  { { "-nic", "user,model=ne3000" },      ASTERN_LAUNCH_ERROR_USAGE,       "e1000" },
  { { "-netdev", "user" },                ASTERN_LAUNCH_ERROR_USAGE,       "id=" },
  { { "-netdev", "user,id=n,hostfwd=x" }, ASTERN_LAUNCH_ERROR_USAGE,       "hostfwd=tcp" },
  { { "-net", "nic,model=none" },         ASTERN_LAUNCH_ERROR_USAGE,       "e1000" },
  { { "-object", "filter-dump,id=d" },    ASTERN_LAUNCH_ERROR_USAGE,       "netdev=" },
  { { "-drive", "file=x,if=mfm" },        ASTERN_LAUNCH_ERROR_USAGE, "virtio" },
  { { "-drive", "file=x,media=tape" },    ASTERN_LAUNCH_ERROR_USAGE, "cdrom" },
  { { "-drive", "file=x,speed=fast" },    ASTERN_LAUNCH_ERROR_USAGE, "snapshot" },
  { { "-drive", "file=x,index=-1" },      ASTERN_LAUNCH_ERROR_USAGE, "index" },
  { { "-blockdev", "file,x" },            ASTERN_LAUNCH_ERROR_UNAVAILABLE, "-drive" },
  { { "-loadvm", "name" },                ASTERN_LAUNCH_ERROR_UNAVAILABLE, "-load-state FILE" },
  { { "-load-state", "file" },            ASTERN_LAUNCH_ERROR_USAGE, "“astern run”" },
  { { "-usbdevice", "braille" },          ASTERN_LAUNCH_ERROR_USAGE, "tablet" },
  { { "-fw_cfg", "name=opt/a" },          ASTERN_LAUNCH_ERROR_USAGE, "string" },
  { { "-fw_cfg", "string=a" },            ASTERN_LAUNCH_ERROR_USAGE, "name" },
  { { "-fw_cfg", "name=a,gen_id=b" },     ASTERN_LAUNCH_ERROR_USAGE, "gen_id" },
  { { "-rtc", "base=yesterday" },         ASTERN_LAUNCH_ERROR_USAGE, "yesterday" },
  { { "-rtc", "base=1960-01-01" },        ASTERN_LAUNCH_ERROR_USAGE, "1970" },
  { { "-rtc", "clock=host" },             ASTERN_LAUNCH_ERROR_UNAVAILABLE, "clock=vm" },
  { { "-seed", "lucky" },                 ASTERN_LAUNCH_ERROR_USAGE, "lucky" },
  { { "-icount", "auto" },                ASTERN_LAUNCH_ERROR_UNAVAILABLE, "shift=0" },
  { { "-icount", "sleep=maybe" },         ASTERN_LAUNCH_ERROR_USAGE, "on or off" },
  { { "-icount", "rr=record" },           ASTERN_LAUNCH_ERROR_UNAVAILABLE, "-seed" },
  { { "-boot", "order=z" },               ASTERN_LAUNCH_ERROR_USAGE, "letters" },
  { { "-boot", "splash=x" },              ASTERN_LAUNCH_ERROR_USAGE, ".bmp" },
  { { "-boot", "fast=on" },               ASTERN_LAUNCH_ERROR_USAGE, "order" },
  { { "-boot", "once=z" },                ASTERN_LAUNCH_ERROR_USAGE, "letters" },
  { { "-boot", "reboot-timeout=70000" },  ASTERN_LAUNCH_ERROR_USAGE, "65535" },
  { { "-machine", "pflash0=code" },       ASTERN_LAUNCH_ERROR_USAGE, "-drive if=none,id=code" },
  { { "-acpitable", "sig=ABCD" },         ASTERN_LAUNCH_ERROR_USAGE, "data=" },
  { { "-acpitable", "sig=ABCDE,data=x" }, ASTERN_LAUNCH_ERROR_USAGE, "4 characters" },
  { { "-acpitable", "file=a,data=b" },    ASTERN_LAUNCH_ERROR_USAGE, "once" },
  { { "-device", "usb-host" },            ASTERN_LAUNCH_ERROR_USAGE, "vendorid=" },
  { { "-device", "usb-host,hostbus=1" },  ASTERN_LAUNCH_ERROR_USAGE, "hostaddr=" },
  { { "-device", "usb-host,vendorid=0x10000" }, ASTERN_LAUNCH_ERROR_USAGE, "vendorid" },
  { { "-device", "usb-host,hostdevice=/dev/sda" }, ASTERN_LAUNCH_ERROR_USAGE, "/dev/bus/usb/" },
  { { "-d", "everything" },               ASTERN_LAUNCH_ERROR_USAGE, "everything" },
  { { "-symbols", "@0x1000" },            ASTERN_LAUNCH_ERROR_USAGE, "vmlinux" },
  { { "-symbols", "a@0x10000000000000000" }, ASTERN_LAUNCH_ERROR_USAGE, "64 bits" },
  { { "-disk-cache", "1k" },              ASTERN_LAUNCH_ERROR_USAGE, "“off” for no limit" },
  { { "-history", "1" },                  ASTERN_LAUNCH_ERROR_USAGE, "“off”" },
  { { "-history", "much" },               ASTERN_LAUNCH_ERROR_USAGE, "much" },
  { { "-stop-at", "soon" },               ASTERN_LAUNCH_ERROR_USAGE, "soon" },
  { { "-shift-at", "@soon" },             ASTERN_LAUNCH_ERROR_USAGE, "soon" },
  { { "-stop-at", "@5+1" },               ASTERN_LAUNCH_ERROR_USAGE, "@5+1" },
  { { "-initrd", "x" },                   ASTERN_LAUNCH_ERROR_USAGE, "-kernel" },
  { { "-append", "x" },                   ASTERN_LAUNCH_ERROR_USAGE, "-kernel" },
};

static void
each_bad_command_line_is_told_in_one_sentence (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_lines); i++)
    {
      g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
      g_autoptr (GError) error = NULL;
      const char *message;

      g_assert_false (astern_launch_options_parse (options, bad_lines[i].args, &error));
      g_assert_error (error, ASTERN_LAUNCH_ERROR, bad_lines[i].code);
      message = error->message;
      g_test_message ("%s", message);
      if (strstr (message, bad_lines[i].says) == NULL)
        g_error ("“%s” does not say “%s”", message, bad_lines[i].says);
      g_assert_true (g_str_has_suffix (message, "."));
      g_assert_null (strchr (message, '\n'));
      g_assert_true (g_utf8_validate (message, -1, NULL));
    }
}

static const AsternDriveItem *
drive_at (const AsternLaunchOptions *options, guint n)
{
  return &g_array_index (options->drives, AsternDriveItem, n);
}

static void
assert_drive (const AsternLaunchOptions *options, guint n, gboolean cdrom, gint bus, gint unit)
{
  g_assert_cmpint (drive_at (options, n)->cdrom, ==, cdrom);
  g_assert_cmpint (drive_at (options, n)->bus, ==, bus);
  g_assert_cmpint (drive_at (options, n)->unit, ==, unit);
}

static void
a_machine_has_a_network_a_cd_and_a_floppy_drive_by_itself (void)
{
  g_autoptr (AsternLaunchOptions) pc = parsed (ARGS ("-nographic")), q35 = parsed (ARGS ("-hda", "x", "-M", "q35"));

  g_assert_cmpuint (pc->drives->len, ==, 2);
  assert_drive (pc, 0, TRUE, 1, 0);
  g_assert_cmpint (drive_at (pc, 1)->interface, ==, ASTERN_IF_FLOPPY);
  g_assert_null (drive_at (pc, 0)->file);
  g_assert_cmpuint (pc->netdevs->len, ==, 1);
  g_assert_cmpstr (g_array_index (pc->devices, AsternDeviceItem, 0).driver, ==, "e1000");
  g_assert_cmpuint (q35->drives->len, ==, 2);
  assert_drive (q35, 0, FALSE, 0, 0);
  assert_drive (q35, 1, TRUE, 2, 0);
  g_assert_cmpstr (g_array_index (q35->devices, AsternDeviceItem, 0).driver, ==, "e1000e");
}

static void
what_is_said_takes_the_place_of_what_there_would_be (void)
{
  g_autoptr (AsternLaunchOptions) bare = parsed (ARGS ("-nodefaults")), shown = parsed (ARGS ("-nodefaults", "-vga", "std"));
  g_autoptr (AsternLaunchOptions) alone = parsed (ARGS ("-nic", "none", "-cdrom", "x", "-fda", "y"));
  g_autoptr (AsternLaunchOptions) other = parsed (ARGS ("-net", "none", "-drive", "if=none,id=d", "-device", "ide-hd,drive=d", "-drive", "if=none,id=f",
                                                        "-device", "floppy,drive=f"));

  g_assert_cmpuint (bare->drives->len + bare->netdevs->len + bare->devices->len + bare->n_serials, ==, 0);
  g_assert_null (bare->vga);
  g_assert_nonnull (shown->vga);
  g_assert_cmpuint (alone->drives->len, ==, 2);
  g_assert_cmpuint (alone->devices->len, ==, 0);
  g_assert_cmpuint (other->drives->len, ==, 2);
}

static void
drives_that_do_not_say_where_go_to_the_first_free_place (void)
{
  g_autoptr (AsternLaunchOptions) options = parsed (ARGS ("-drive", "file=a", "-drive", "file=b,index=0", "-drive", "file=c", "-drive", "file=d,media=cdrom",
                                                          "-drive", "file=e,if=virtio"));
  g_autoptr (AsternLaunchOptions) bus = parsed (ARGS ("-drive", "file=a,bus=1", "-drive", "file=b,bus=1"));

  g_assert_cmpuint (options->drives->len, ==, 6);       /* no empty CD drive: its place is taken */
  assert_drive (options, 0, FALSE, 0, 1);
  assert_drive (options, 1, FALSE, 0, 0);
  assert_drive (options, 2, FALSE, 1, 0);
  assert_drive (options, 3, TRUE, 1, 1);
  assert_drive (options, 4, FALSE, -1, -1);
  assert_drive (bus, 0, FALSE, 1, 0);
  assert_drive (bus, 1, FALSE, 1, 1);
}

static void
flash_memory_may_be_named_by_the_machine (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-machine", "q35,pflash0=code,pflash1=vars,usb=on", "-drive", "if=none,id=vars,file=v", "-drive", "if=none,id=code,file=c"));

  g_assert_cmpint (drive_at (options, 0)->interface, ==, ASTERN_IF_PFLASH);
  g_assert_cmpint (drive_at (options, 0)->unit, ==, 1);
  g_assert_cmpint (drive_at (options, 1)->interface, ==, ASTERN_IF_PFLASH);
  g_assert_cmpint (drive_at (options, 1)->unit, ==, 0);
  g_assert_true (options->usb);
}

static void
booting_is_told_in_full (void)
{
  g_autoptr (AsternLaunchOptions) options =
    parsed (ARGS ("-boot", "dc,once=n,menu=on,splash=a.bmp,splash-time=5000,reboot-timeout=0,strict=on"));
  g_autoptr (AsternLaunchOptions) plain = parsed (ARGS ("-boot", "d"));

  g_assert_cmpstr (options->boot_order, ==, "dc");
  g_assert_cmpstr (options->boot_once, ==, "n");
  g_assert_true (options->boot_menu && options->boot_strict);
  g_assert_cmpstr (options->boot_splash, ==, "a.bmp");
  g_assert_cmpuint (options->boot_splash_ms, ==, 5000);
  g_assert_cmpint (options->boot_retry_ms, ==, 0);
  g_assert_cmpstr (plain->boot_order, ==, "d");
  g_assert_cmpint (plain->boot_retry_ms, ==, -1);
}

static void
every_option_is_in_the_help (void)
{
  g_autofree char *help = astern_launch_options_help ();

  g_assert_nonnull (strstr (help, "-kernel FILE"));
  g_assert_nonnull (strstr (help, "-state-hash"));
  g_assert_nonnull (strstr (help, "-icount sleep=on|off"));
}

/* Nothing that a user types may do worse than be refused. */
static void
random_arguments_never_crash (void)
{
  static const char *const names[] = { "-m", "-smp", "-serial", "-device", "-rtc", "-fw_cfg", "-boot", "-icount", "-machine",
                                       "-accel", "-seed", "-stop-at", "-d", "-monitor", "-symbols", "-nographic", "-gdb", "-x" };
  static const char alphabet[] = "0123456789abkmgtcdstdionx=,,,:/-@+[]";

  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr (AsternLaunchOptions) options = astern_launch_options_new ();
      g_autoptr (GError) error = NULL;
      char text[12] = { 0 };
      const char *args[] = { names[g_test_rand_int_range (0, G_N_ELEMENTS (names))], text, NULL };

      for (int i = g_test_rand_int_range (0, sizeof text); i > 0; i--)
        text[i - 1] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      g_assert_true (astern_launch_options_parse (options, args, &error) == (error == NULL));
    }
}

#define ADD(name) g_test_add_func ("/launch/options/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_usual_command_line_is_understood);
  ADD (a_monitor_of_its_own_leaves_the_serial_port_the_terminal);
  ADD (gdb_is_waited_for_on_this_host_unless_an_address_is_given);
  ADD (serial_ports_are_counted_in_order);
  ADD (sizes_have_units);
  ADD (the_clock_and_the_seed_can_be_given);
  ADD (devices_and_files_for_the_firmware_are_understood);
  ADD (a_machine_has_a_network_a_cd_and_a_floppy_drive_by_itself);
  ADD (what_is_said_takes_the_place_of_what_there_would_be);
  ADD (drives_that_do_not_say_where_go_to_the_first_free_place);
  ADD (flash_memory_may_be_named_by_the_machine);
  ADD (booting_is_told_in_full);
  ADD (symbols_may_have_a_base);
  ADD (each_bad_command_line_is_told_in_one_sentence);
  ADD (every_option_is_in_the_help);
  ADD (random_arguments_never_crash);
  return g_test_run ();
}
