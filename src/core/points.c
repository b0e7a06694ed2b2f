/* points.c - see points.h.
 *
 * The places of enabled points are kept sorted, by kind and space, so that their number
 * costs next to nothing.  They are made again when first asked for after a change.
 *
 * What is noted in the middle of an instruction waits in `pending` until the instruction has
 * retired: only then is it a hit, and only then are the registers that a condition
 * reads those of the moment after it. */
#include "config.h"

#include "core/points.h"

#include "core/expression.h"
#include "core/fields.h"
#include "core/machine.h"
#include "core/places.h"

#include <string.h>

#define N_SPACES (ASTERN_SPACE_PHYSICAL + 1)

typedef struct
{
  AsternHit hit;
  gboolean  reads_new;      /* memory is read for the new value when it has been written */
  gboolean  kept;           /* it happened though the instruction faults */
} Pending;

struct _AsternPoints
{
  AsternMachine   *machine;
  GPtrArray       *list;          /* AsternPoint, owned, by id */
  GPtrArray       *gone;          /* temporary points that ended the last run */
  guint            last_id;
  AsternPointsMode mode;
  AsternHitFunc    recorder;      /* (nullable) */
  gpointer         recorder_data;
  AsternPointsChangedFunc changed;   /* (nullable) */
  gpointer         engine;
  AsternPlaces     places[ASTERN_N_POINT_KINDS][N_SPACES];   /* data: the point */
  guint32          kinds;         /* that have an enabled point, as bits */
  gboolean         dirty;         /* places and kinds are not up to date ... */
  gboolean         rearm;         /* ... and what hangs on memory is not */
  GArray          *watched;       /* guint64: ram pages that carry ASTERN_PAGE_WATCHED for us */
  GArray          *pending;       /* Pending */
  GPtrArray       *found;         /* scratch */
  AsternMoment     resume;
  gboolean         resumes;
  gboolean         muted, entered;
  AsternHit        last_hit;
};

/* --- the list --------------------------------------------------------------------- */

static void
free_point (gpointer data)
{
  AsternPoint *point = data;

  g_clear_pointer (&point->condition, astern_expression_free);
  g_free (point->text);
  g_free (point);
}

static void
changed (AsternPoints *points)
{
  points->dirty = points->rearm = TRUE;
  if (points->changed != NULL)
    points->changed (points->engine);
}

static void
map_changed (gpointer data)
{
  AsternPoints *points = data;

  points->rearm = TRUE;
  if (points->list->len > 0 && points->changed != NULL)
    points->changed (points->engine);
}

AsternPoints *
astern_points_new (AsternMachine *machine)
{
  AsternPoints *points = g_new0 (AsternPoints, 1);

  points->machine = machine;
  points->list = g_ptr_array_new_with_free_func (free_point);
  points->gone = g_ptr_array_new_with_free_func (free_point);
  points->watched = g_array_new (FALSE, FALSE, sizeof (guint64));
  points->pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  points->found = g_ptr_array_new ();
  for (guint kind = 0; kind < ASTERN_N_POINT_KINDS; kind++)
    for (guint space = 0; space < N_SPACES; space++)
      astern_places_init (&points->places[kind][space]);
  astern_bus_add_map_listener (machine->physical, map_changed, points);
  return points;
}

void
astern_points_free (AsternPoints *points)
{
  astern_bus_watch_dma (points->machine->physical, NULL, NULL);
  for (guint kind = 0; kind < ASTERN_N_POINT_KINDS; kind++)
    for (guint space = 0; space < N_SPACES; space++)
      astern_places_free (&points->places[kind][space]);
  g_ptr_array_unref (points->found);
  g_array_unref (points->pending);
  g_array_unref (points->watched);
  g_ptr_array_unref (points->gone);
  g_ptr_array_unref (points->list);
  g_free (points);
}

AsternPoint *
astern_points_add (AsternPoints *points, const AsternPoint *point)
{
  AsternPoint *added = g_memdup2 (point, sizeof *point);

  added->id = ++points->last_id;
  g_ptr_array_add (points->list, added);
  changed (points);
  return added;
}

static void
drop_pending_of (AsternPoints *points, const AsternPoint *point)
{
  for (guint i = points->pending->len; i-- > 0;)
    if (g_array_index (points->pending, Pending, i).hit.point == point)
      g_array_remove_index (points->pending, i);
}

void
astern_points_remove (AsternPoints *points, AsternPoint *point)
{
  drop_pending_of (points, point);
  if (points->last_hit.point == point)
    points->last_hit.point = NULL;
  if (!g_ptr_array_remove (points->gone, point) && !g_ptr_array_remove (points->list, point))
    g_return_if_reached ();
  changed (points);
}

void
astern_points_changed (AsternPoints *points, AsternPoint *point G_GNUC_UNUSED)
{
  changed (points);
}

AsternPoint *
astern_points_find (AsternPoints *points, guint id)
{
  for (guint i = 0; i < points->list->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (points->list, i);

      if (point->id == id)
        return point;
    }
  return NULL;
}

guint
astern_points_count (AsternPoints *points)
{
  return points->list->len;
}

AsternPoint *
astern_points_at (AsternPoints *points, guint index)
{
  g_return_val_if_fail (index < points->list->len, NULL);

  return g_ptr_array_index (points->list, index);
}

void
astern_points_set_mode (AsternPoints *points, AsternPointsMode mode, AsternHitFunc recorder, gpointer data)
{
  gboolean other = (mode == ASTERN_POINTS_OFF) != (points->mode == ASTERN_POINTS_OFF);

  points->mode = mode;
  points->recorder = recorder;
  points->recorder_data = data;
  g_array_set_size (points->pending, 0);
  if (!other)
    return;
  points->rearm = TRUE;
  if (points->changed != NULL)
    points->changed (points->engine);
}

AsternPointsMode
astern_points_mode (AsternPoints *points)
{
  return points->mode;
}

void
astern_points_resume_at (AsternPoints *points, AsternMoment moment)
{
  points->resume = moment;
  points->resumes = TRUE;
}

void
astern_points_moved (AsternPoints *points, AsternMoment from)
{
  if (points->resumes && astern_moment_compare (points->resume, from) == 0)
    points->resume = astern_clock_moment (&points->machine->clock);
}

void
astern_points_mute (AsternPoints *points, gboolean muted)
{
  points->muted = muted;
}

void
astern_points_set_changed (AsternPoints *points, AsternPointsChangedFunc changed_func, gpointer engine)
{
  points->changed = changed_func;
  points->engine = engine;
}

/* --- places ------------------------------------------------------------------------- */

static gboolean
has_space (AsternPointKind kind)
{
  return kind == ASTERN_POINT_EXECUTE || kind == ASTERN_POINT_MEMORY;
}

static gboolean
is_numbered (AsternPointKind kind)
{
  return kind != ASTERN_POINT_MODE && kind != ASTERN_POINT_TRIPLE_FAULT && kind != ASTERN_POINT_MAGIC;
}

static guint64
last_of (const AsternPoint *point)
{
  guint64 last = point->start + MAX (point->size, 1) - 1;

  return last < point->start ? G_MAXUINT64 : last;
}

static void
place_point (AsternPoints *points, AsternPoint *point)
{
  guint space = has_space (point->kind) ? point->space : 0;
  AsternPlaces *places = &points->places[point->kind][space];

  if (!has_space (point->kind) && (!is_numbered (point->kind) || point->start == ASTERN_POINT_ANY))
    astern_places_add (places, 0, G_MAXUINT64, point);
  else
    astern_places_add (places, point->start, last_of (point), point);
  points->kinds |= 1u << point->kind;
}

static void
make_places (AsternPoints *points)
{
  points->dirty = FALSE;
  points->kinds = 0;
  for (guint kind = 0; kind < ASTERN_N_POINT_KINDS; kind++)
    for (guint space = 0; space < N_SPACES; space++)
      astern_places_clear (&points->places[kind][space]);
  for (guint i = 0; i < points->list->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (points->list, i);

      if (point->enabled)
        place_point (points, point);
    }
  for (guint kind = 0; kind < ASTERN_N_POINT_KINDS; kind++)
    for (guint space = 0; space < N_SPACES; space++)
      astern_places_settle (&points->places[kind][space]);
}

static void
flag_page (AsternPoints *points, const AsternTarget *target, guint64 skip)
{
  AsternMemory *memory = points->machine->memory;
  guint64 ram;
  guint8 *flags;

  if (target->kind != ASTERN_TARGET_MEMORY)
    return;
  ram = (target->block->start + target->offset + skip) & ~ASTERN_PAGE_MASK;
  flags = astern_memory_flags (memory, ram);
  if (*flags & ASTERN_PAGE_WATCHED)
    return;
  *flags |= ASTERN_PAGE_WATCHED;
  g_array_append_val (points->watched, ram);
}

/* Marks what is seen at physical addresses [first, last]: where reads go, and where writes go. */
static void
flag_range (AsternPoints *points, guint64 first, guint64 last)
{
  guint64 at = first;

  for (;;)
    {
      AsternRoute route;
      guint64 end;

      astern_bus_route (points->machine->physical, at, &route);
      end = MIN (route.end - 1, last);
      for (guint64 page = at; page <= end; page = (page | ASTERN_PAGE_MASK) + 1)
        {
          flag_page (points, &route.read, page - at);
          flag_page (points, &route.write, page - at);
          if ((page | ASTERN_PAGE_MASK) == G_MAXUINT64)
            break;
        }
      if (end >= last)
        break;
      at = end + 1;
    }
}

static void
dma (gpointer data, AsternAccessKind kind, guint64 physical, guint64 size)
{
  AsternPoints *points = data;

  astern_points_note_physical (points, kind, ASTERN_ORIGIN_DMA, points->machine->running_cpu, physical, size);
}

/* Page flags and the watch on DMA, as points and mode want them. */
static void
rearm (AsternPoints *points)
{
  AsternMachine *machine = points->machine;
  const AsternPlaces *physical = &points->places[ASTERN_POINT_MEMORY][ASTERN_SPACE_PHYSICAL];
  gboolean armed = points->mode != ASTERN_POINTS_OFF && (points->kinds >> ASTERN_POINT_MEMORY & 1);

  points->rearm = FALSE;
  for (guint i = 0; i < points->watched->len; i++)
    *astern_memory_flags (machine->memory, g_array_index (points->watched, guint64, i)) &= (guint8) ~ASTERN_PAGE_WATCHED;
  g_array_set_size (points->watched, 0);
  astern_bus_watch_dma (machine->physical, armed ? dma : NULL, points);
  for (guint i = 0; armed && i < physical->list->len; i++)
    {
      const AsternPlace *place = &g_array_index (physical->list, AsternPlace, i);

      flag_range (points, place->first, place->last);
    }
  if (points->watched->len > 0)
    astern_memory_flags_raised (machine->memory);
}

static inline void
tidy (AsternPoints *points)
{
  if (G_UNLIKELY (points->dirty))
    make_places (points);
  if (G_UNLIKELY (points->rearm))
    rearm (points);
}

guint32
astern_points_armed (AsternPoints *points)
{
  tidy (points);
  return points->mode != ASTERN_POINTS_OFF ? points->kinds : 0;
}

guint64
astern_points_generation (AsternPoints *points, AsternPointKind kind)
{
  guint64 hash = 0;

  tidy (points);
  for (guint space = 0; space < N_SPACES; space++)
    {
      hash = astern_places_hash (&points->places[kind][space], hash);
      hash = astern_hash_bytes (hash, &space, sizeof space);
    }
  return hash;
}

gboolean
astern_points_in_range (AsternPoints *points, AsternPointKind kind, AsternSpace space, guint64 start, guint64 end)
{
  tidy (points);
  return astern_places_touch (&points->places[kind][space], start, end - 1);
}

guint64
astern_points_next (AsternPoints *points, AsternPointKind kind, AsternSpace space, guint64 from)
{
  tidy (points);
  return astern_places_next (&points->places[kind][space], from);
}

/* --- what matches a hit ----------------------------------------------------------------- */

static void
find_in_space (AsternPoints *points, const AsternHit *hit, AsternSpace space, guint64 address, guint size)
{
  guint64 last = address + MAX (size, 1) - 1;

  if (address != ASTERN_POINT_ANY)
    astern_places_find (&points->places[hit->kind][space], address, MAX (last, address), points->found);
}

static gint
by_id (gconstpointer a, gconstpointer b)
{
  const AsternPoint *x = *(AsternPoint *const *) a, *y = *(AsternPoint *const *) b;

  return (x->id > y->id) - (x->id < y->id);
}

/* Points whose place it is, by id, into points->found. */
static void
find_points (AsternPoints *points, const AsternHit *hit)
{
  g_ptr_array_set_size (points->found, 0);
  if (hit->point != NULL)
    {
      g_ptr_array_add (points->found, hit->point);
      return;
    }
  switch (hit->kind)
    {
    case ASTERN_POINT_EXECUTE:
      find_in_space (points, hit, ASTERN_SPACE_LINEAR, hit->pc, 1);
      find_in_space (points, hit, ASTERN_SPACE_VIRTUAL, hit->offset, 1);
      find_in_space (points, hit, ASTERN_SPACE_PHYSICAL, hit->physical, 1);
      break;
    case ASTERN_POINT_MEMORY:
      find_in_space (points, hit, ASTERN_SPACE_LINEAR, hit->linear, hit->size);
      find_in_space (points, hit, ASTERN_SPACE_PHYSICAL, hit->physical, hit->size);
      break;
    default:
      astern_places_find (&points->places[hit->kind][0], hit->number, hit->number, points->found);
      break;
    }
  if (points->found->len > 1)
    g_ptr_array_sort (points->found, by_id);
}

/* Whether bytes that the point watches differ. */
static gboolean
changes (const AsternPoint *point, const AsternHit *hit)
{
  guint64 address = point->space == ASTERN_SPACE_PHYSICAL || hit->linear == ASTERN_POINT_ANY ? hit->physical : hit->linear;
  gboolean watched_by_address = point->space == ASTERN_SPACE_PHYSICAL || hit->linear != ASTERN_POINT_ANY;

  if (!hit->has_old || !hit->has_new)
    return TRUE;
  for (guint i = 0; i < MIN (hit->size, 8); i++)
    {
      guint8 differs = (guint8) ((hit->old_value ^ hit->new_value) >> 8 * i);

      /* What was found by translation is cut to what is watched already. */
      if (differs && (!watched_by_address || (address + i >= point->start && address + i <= last_of (point))))
        return TRUE;
    }
  return FALSE;
}

static gboolean
matches_kind (const AsternPoint *point, const AsternHit *hit)
{
  guint8 access = (guint8) (1 << hit->access);

  switch (point->kind)
    {
    case ASTERN_POINT_MEMORY:
      return (point->access == 0 || (point->access & access))
             && !(point->changes_only && hit->access == ASTERN_ACCESS_WRITE && !changes (point, hit));
    case ASTERN_POINT_SYSCALL:
      return (point->access == 0 || (point->access & access))
             && (hit->access == ASTERN_ACCESS_FETCH || point->start == ASTERN_POINT_ANY);
    case ASTERN_POINT_PORT:
    case ASTERN_POINT_MSR:
      return point->access == 0 || (point->access & access);
    case ASTERN_POINT_EXCEPTION:
      return point->error_code == ASTERN_POINT_ANY || point->error_code == hit->error_code;
    default:
      return TRUE;
    }
}

static gboolean
condition_holds (const AsternPoint *point, const AsternHit *hit, AsternCpu *cpu)
{
  guint64 value;

  if (point->condition == NULL && point->holds == NULL)
    return TRUE;
  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  if (point->condition != NULL && (!astern_expression_evaluate (point->condition, cpu, hit, &value, NULL) || value == 0))
    return FALSE;
  return point->holds == NULL || point->holds (point, hit);
}

static gboolean
matches (AsternPoints *points, const AsternPoint *point, const AsternHit *hit)
{
  AsternCpu *cpu = points->machine->cpus[hit->cpu];

  if (!point->enabled || !matches_kind (point, hit))
    return FALSE;
  if (point->cpu != ASTERN_POINT_ANY && (point->cpu != hit->cpu || hit->origin == ASTERN_ORIGIN_DMA))
    return FALSE;
  /* What was found by its physical address was looked up in the right space. */
  if (point->address_space != ASTERN_POINT_ANY && hit->point == NULL
      && point->address_space != cpu->klass->address_space (cpu))
    return FALSE;
  return condition_holds (point, hit, cpu);
}

/* --- hits -------------------------------------------------------------------------------- */

/* The run ends here: temporary points have done their work. */
static void
retire_temporaries (AsternPoints *points, GPtrArray *stopped)
{
  for (guint i = 0; i < stopped->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (stopped, i);
      guint index;

      if (!point->temporary || !g_ptr_array_find (points->list, point, &index))
        continue;
      point->enabled = FALSE;
      g_ptr_array_add (points->gone, g_ptr_array_steal_index (points->list, index));
      changed (points);
    }
}

/* One point that matched; whether it stops. */
static gboolean
count_hit (AsternPoints *points, AsternPoint *point, const AsternHit *hit)
{
  if (points->mode == ASTERN_POINTS_RECORD)
    {
      points->recorder (points->recorder_data, hit);
      return FALSE;
    }
  if (!points->machine->muted)
    point->hits++;
  if (point->log_only)
    {
      if (points->recorder != NULL)
        points->recorder (points->recorder_data, hit);
      return FALSE;
    }
  if (point->ignore > 0)
    {
      point->ignore--;
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_resumed (const AsternPoints *points, const AsternHit *hit)
{
  return points->resumes && points->mode == ASTERN_POINTS_STOP
         && (hit->kind == ASTERN_POINT_EXECUTE || hit->kind == ASTERN_POINT_EXCEPTION)
         && astern_moment_compare (hit->before, hit->after) == 0
         && astern_moment_compare (hit->before, points->resume) == 0;
}

gboolean
astern_points_happened (AsternPoints *points, const AsternHit *hit)
{
  AsternHit told = *hit;
  guint n_stops = 0;

  tidy (points);
  if (points->mode == ASTERN_POINTS_OFF || is_resumed (points, hit))
    return FALSE;
  find_points (points, hit);
  for (guint i = 0; i < points->found->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (points->found, i);

      if (!matches (points, point, hit))
        continue;
      told.point = point;
      if (!count_hit (points, point, &told))
        continue;
      if (n_stops == 0 && points->machine->stop.reason == ASTERN_STOP_NONE)
        points->last_hit = told;
      points->found->pdata[n_stops++] = point;
    }
  if (n_stops == 0)
    return FALSE;
  g_ptr_array_set_size (points->found, (gint) n_stops);
  astern_machine_stop (points->machine, ASTERN_STOP_POINT, hit->cpu, 0, NULL);
  retire_temporaries (points, points->found);
  return TRUE;
}

const AsternHit *
astern_points_last_hit (const AsternPoints *points)
{
  return &points->last_hit;
}

/* --- what waits for the end of its instruction ---------------------------------------------- */

void
astern_points_enter (AsternPoints *points)
{
  if (points->last_hit.point != NULL && !points->last_hit.point->enabled)
    points->last_hit.point = NULL;
  g_ptr_array_set_size (points->gone, 0);
  g_array_set_size (points->pending, 0);
  points->entered = TRUE;
}

void
astern_points_leave (AsternPoints *points)
{
  points->entered = FALSE;
}

gboolean
astern_points_note (AsternPoints *points, const AsternHit *hit)
{
  Pending pending = { .hit = *hit };

  if (!points->entered || !(astern_points_armed (points) >> hit->kind & 1))
    return FALSE;
  find_points (points, hit);
  if (points->found->len == 0)
    return FALSE;
  g_array_append_val (points->pending, pending);
  return TRUE;
}

static guint64
peek (AsternPoints *points, guint64 physical, guint size)
{
  AsternAccess access = { { physical }, (guint8) size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER, 0 };

  return astern_bus_read (points->machine->physical, &access);
}

static void
read_new (AsternPoints *points, Pending *pending)
{
  AsternHit *hit = &pending->hit;

  hit->new_value = peek (points, hit->physical, hit->size);
  hit->has_new = 1;
  pending->reads_new = FALSE;
}

/* Earlier writes to the same bytes have been made; this one has not. */
static void
read_overwritten (AsternPoints *points, guint64 first, guint64 last)
{
  for (guint i = 0; i < points->pending->len; i++)
    {
      Pending *pending = &g_array_index (points->pending, Pending, i);

      if (pending->reads_new && pending->hit.physical <= last && first <= pending->hit.physical + pending->hit.size - 1)
        read_new (points, pending);
    }
}

/* Of [first, last], all of which @point watches. */
static void
note_bytes (AsternPoints *points, AsternPoint *point, AsternHit *hit, guint64 first, guint64 last)
{
  do
    {
      Pending pending = { .hit = *hit, .kept = TRUE };

      pending.hit.point = point;
      pending.hit.physical = first;
      pending.hit.size = (guint8) MIN (last - first + 1, 8);
      pending.hit.old_value = peek (points, first, pending.hit.size);
      pending.hit.has_old = 1;
      if (hit->access == ASTERN_ACCESS_WRITE)
        pending.reads_new = TRUE;
      else
        {
          pending.hit.new_value = pending.hit.old_value;
          pending.hit.has_new = 1;
        }
      g_array_append_val (points->pending, pending);
      first += pending.hit.size;
    }
  while (point->changes_only && first <= last);
}

/* A CPU whose page tables say where @point's linear addresses are; NULL: none is there now. */
static AsternCpu *
space_of (AsternPoints *points, const AsternPoint *point)
{
  AsternMachine *machine = points->machine;

  if (point->address_space == ASTERN_POINT_ANY)
    return machine->cpus[machine->running_cpu];
  for (guint i = 0; i < machine->n_cpus; i++)
    if (machine->cpus[i]->klass->address_space (machine->cpus[i]) == point->address_space)
      return machine->cpus[i];
  return NULL;
}

/* Notes what of @place lies, by the page tables, in physical [first, last]. */
static void
note_linear (AsternPoints *points, const AsternPlace *place, AsternHit *hit, guint64 first, guint64 last)
{
  AsternCpu *cpu = space_of (points, place->data);
  guint64 at = place->first;

  while (cpu != NULL)
    {
      guint64 end = MIN (at | ASTERN_PAGE_MASK, place->last), physical;

      if (cpu->klass->translate (cpu, at, &physical) && physical <= last && first <= physical + (end - at))
        note_bytes (points, place->data, hit, MAX (physical, first), MIN (physical + (end - at), last));
      if (end >= place->last)
        break;
      at = end + 1;
    }
}

gboolean
astern_points_note_physical (AsternPoints *points, AsternAccessKind kind, AsternOrigin origin, guint cpu, guint64 physical,
                             guint64 size)
{
  const AsternPlaces *places = points->places[ASTERN_POINT_MEMORY];
  guint64 last = physical + size - 1;
  guint before = points->pending->len;
  AsternHit hit = { .kind = ASTERN_POINT_MEMORY, .cpu = cpu, .access = (guint8) kind, .origin = (guint8) origin,
                    .before = astern_clock_moment (&points->machine->clock), .linear = ASTERN_POINT_ANY };
  AsternCodePlace code;

  if (!points->entered || points->muted || size == 0 || !(astern_points_armed (points) >> ASTERN_POINT_MEMORY & 1))
    return FALSE;
  if (kind == ASTERN_ACCESS_WRITE)
    read_overwritten (points, physical, last);
  points->machine->cpus[cpu]->klass->code_place (points->machine->cpus[cpu], &code);
  hit.pc = code.linear;
  hit.offset = code.pc;
  g_ptr_array_set_size (points->found, 0);
  astern_places_find (&places[ASTERN_SPACE_PHYSICAL], physical, last, points->found);
  for (guint i = 0; i < points->found->len; i++)
    {
      AsternPoint *point = g_ptr_array_index (points->found, i);

      note_bytes (points, point, &hit, MAX (physical, point->start), MIN (last, last_of (point)));
    }
  for (guint i = 0; i < places[ASTERN_SPACE_LINEAR].list->len; i++)
    note_linear (points, &g_array_index (places[ASTERN_SPACE_LINEAR].list, AsternPlace, i), &hit, physical, last);
  return points->pending->len > before;
}

gboolean
astern_points_waiting (const AsternPoints *points)
{
  return points->pending->len > 0;
}

void
astern_points_forget (AsternPoints *points)
{
  for (guint i = points->pending->len; i-- > 0;)
    if (!g_array_index (points->pending, Pending, i).kept)
      g_array_remove_index (points->pending, i);
}

gboolean
astern_points_settle (AsternPoints *points)
{
  gboolean stops = FALSE;

  for (guint i = 0; i < points->pending->len; i++)
    {
      Pending *pending = &g_array_index (points->pending, Pending, i);

      if (pending->reads_new)
        read_new (points, pending);
      pending->hit.after = astern_clock_moment (&points->machine->clock);
      stops |= astern_points_happened (points, &pending->hit);
    }
  g_array_set_size (points->pending, 0);
  return stops;
}
