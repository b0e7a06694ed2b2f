/* units - translated pieces of guest code: found by where they are and in what mode,
 * dropped when their bytes change.
 *
 * A unit is named by the ram address of its first byte, its linear address and the
 * CPU's mode.  What is said of a page's place in an address space is a binding: the
 * pair (linear page, ram page), which has a number; a unit is entered only where the
 * fetch table holds its page's binding.
 *
 * Threads: the thread that runs the machine. */
#pragma once

#include "translate/x86/cpu.h"
#include "translate/x86/softmmu.h"

typedef struct _XlateUnit  XlateUnit;
typedef struct _XlateUnits XlateUnits;
typedef struct _XlateLink  XlateLink;

/* A jump from one unit's host code to another's. */
struct _XlateLink
{
  XlateUnit *from, *to;       /* to: NULL while it leads to the dispatcher */
  XlateLink *next_incoming;   /* of `to` */
  guint8    *patch;           /* writable address of the rel32 */
  guint8    *stub;            /* executable address of the way to the dispatcher */
  guint64    rip;             /* where it goes */
  gssize     delta;           /* executable minus writable address */
};

struct _XlateUnit
{
  guint64    rip;
  guint64    linear;          /* rip with the CS base */
  guint64    ram;             /* of the first byte */
  guint64    ram2;            /* page of the bytes that lie on a second page, or XLATE_NO_PAGE */
  guint32    mode;
  guint32    binding, binding2;
  guint16    n_bytes, n_insns;
  guint8     single;          /* made of one instruction on purpose */
  guint8     dead;
  guint8     point, cut;      /* begins at a place of points; was ended because one follows */
  guint8     magic;           /* is `xchg %bx,%bx` alone */
  XlateUnit *hash_next;
  XlateUnit *page_next[2];    /* units on the page of ram, of ram2 */
  IrBlock   *ir;              /* kept for the interpreter, or NULL */
  guint8    *outer, *inner;   /* host code, or NULL */
  guint32    host_bytes;
  XlateLink *links;           /* its own, n_links of them */
  guint      n_links;
  XlateLink *incoming;
};
#define XLATE_NO_PAGE G_MAXUINT64

typedef struct { guint64 linear, ram; } XlateBinding;   /* both page-aligned */

struct _XlateUnits
{
  AsternEngine  *engine;
  AsternMachine *machine;
  XlateUnit    **hash;
  guint          hash_bits, n_units;
  struct _XlateCodePage **pages;    /* by ram page */
  guint64         end_page;      /* no page at or behind it has code */
  GPtrArray     *dead;              /* unlinked, freed by units_sweep() */
  GArray        *bindings;          /* XlateBinding; 0 is none */
  GHashTable    *binding_numbers;
  void         (*unlinked) (gpointer owner, XlateUnit *unit);   /* a unit died: forget pointers to it */
  gpointer       owner;
  guint64        n_made, n_invalidated;
};

XlateUnits *units_new     (AsternEngine *engine);
void        units_free    (XlateUnits *units);

XlateUnit  *units_find    (XlateUnits *units, guint64 ram, guint64 rip, guint32 mode, gboolean single);
/* Takes the unit; its pages are marked as code from now on. */
void        units_add     (XlateUnits *units, XlateUnit *unit);
void        units_drop    (XlateUnits *units, XlateUnit *unit);
/* Drops every unit. */
void        units_flush   (XlateUnits *units);
/* Frees what died; only when no unit is running. */
void        units_sweep   (XlateUnits *units);

/* Whether a write of [ram, ram + size) within a page changes bytes of @unit. */
gboolean    units_overlap (const XlateUnit *unit, guint64 ram, guint size);

/* Number of the binding of linear page @linear to ram page @ram. */
guint32     units_binding (XlateUnits *units, guint64 linear, guint64 ram);
