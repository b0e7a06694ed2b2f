/* engines.c - see engines.h. */
#include "config.h"

#include "launch/engines.h"

#include "kvm/kvm.h"
#include "translate/engine.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

static AsternEngine *
make_translate (AsternMachine *machine, const AsternLaunchOptions *options, const X86Features *features, GError **error)
{
  g_autofree char *perf_map = options->perf_map ? g_strdup_printf ("/tmp/perf-%d.map", (int) getpid ()) : NULL;
  AsternTranslateOptions translate = {
    .tier = g_strcmp0 (options->tier, "interp") == 0 ? ASTERN_TIER_INTERP
            : g_strcmp0 (options->tier, "one") == 0 ? ASTERN_TIER_ONE : ASTERN_TIER_AUTO,
    .features = features,
    .n_cpus = options->n_cpus,
    .perf_map = perf_map,
  };

  return astern_translate_engine_new (machine, &translate, error);
}

static AsternEngine *
make_kvm (AsternMachine *machine, const AsternLaunchOptions *options, const X86Features *features, gboolean fixed, GError **error)
{
  const AsternKvmOptions kvm = { .features = features, .fixed = fixed, .n_cpus = options->n_cpus,
                                 .irqchip = options->kernel_irqchip };

  return astern_kvm_engine_new (machine, &kvm, error);
}

/* The first engine of a machine says which CPU the guest has: @features become those. */
static AsternEngine *
start_kvm (AsternMachine *machine, const AsternLaunchOptions *options, X86Features *features, GError **error)
{
  AsternEngine *engine = make_kvm (machine, options, features, FALSE, error);
  g_autofree char *lacks = engine != NULL ? astern_kvm_lacks (engine) : NULL;

  if (engine == NULL)
    return NULL;
  *features = *astern_kvm_features (engine);
  if (lacks[0] != '\0')
    g_printerr (_("KVM on this host lacks of the CPU model “%s”: %s\n"), features->model, lacks);
  return engine;
}

gboolean
astern_engines_start (AsternMachine *machine, const AsternLaunchOptions *options, X86Features *features, GError **error)
{
  gboolean shifts = options->shift_at != NULL || options->shift_ns != ASTERN_CLOCK_NEVER;
  gboolean wants_kvm = options->accel != ASTERN_ACCEL_TRANSLATE;
  g_autoptr (GError) missing = NULL;
  AsternEngine *kvm = NULL, *translate = NULL;

  if ((wants_kvm || shifts) && options->record != NULL)
    return astern_launch_usage (error, _("-record needs the engine “translate”: what KVM runs cannot be replayed."));
  if (wants_kvm || shifts)
    kvm = start_kvm (machine, options, features, &missing);
  if (kvm == NULL && missing != NULL && (shifts || options->accel == ASTERN_ACCEL_KVM))
    return astern_launch_unavailable (error, shifts ? "-shift-at: %s" : "-accel kvm: %s", missing->message);
  if (kvm == NULL && missing != NULL)
    g_printerr (_("%s  The engine is “translate”.\n"), missing->message);
  if (kvm != NULL && wants_kvm && !shifts)
    return TRUE;
  translate = make_translate (machine, options, features, error);
  if (translate != NULL && !wants_kvm)
    astern_machine_shift (machine, translate);
  return translate != NULL;
}

guint32
astern_engines_can (const AsternMachine *machine)
{
  guint32 can = G_MAXUINT32;

  for (guint i = 0; i < machine->engines->len; i++)
    can &= ((const AsternEngine *) g_ptr_array_index (machine->engines, i))->klass->capabilities;
  return can;
}

AsternEngine *
astern_engines_make (AsternMachine *machine, const AsternLaunchOptions *options, const X86Features *features, const char *name, GError **error)
{
  if (g_str_equal (name, "translate") || g_str_equal (name, "tcg"))
    return make_translate (machine, options, features, error);
  if (g_str_equal (name, "kvm"))
    return make_kvm (machine, options, features, TRUE, error);
  astern_launch_usage (error, _("“%s” is not an engine; there are “translate” and “kvm”."), name);
  return NULL;
}

const char *
astern_engines_other (const AsternMachine *machine)
{
  return g_str_equal (machine->engine->klass->name, "kvm") ? "translate" : "kvm";
}
