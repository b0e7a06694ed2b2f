/* unwind - the frames of a CPU's stack, from the innermost outwards.
 *
 * From each frame to its caller by call frame information where there is some; else by frame pointers; else by what looks
 * like the frame of an interrupt, or like a return address: a number that points behind a call instruction.  How each was
 * found is told, for a guess may be wrong.
 *
 * Threads: the machine's, stopped.  Memory is peeked at only.
 * Units:   linear addresses. */
#pragma once

#include "core/debugger.h"
#include "launch/debug-info.h"
#include "launch/launch.h"

typedef enum
{
  ASTERN_FOUND_PRESENT,         /* where the CPU is */
  ASTERN_FOUND_CFI,
  ASTERN_FOUND_ENTRY,           /* its callee has just been entered: the return address lies on top */
  ASTERN_FOUND_FRAME_POINTER,
  ASTERN_FOUND_INTERRUPT,       /* what an interrupt, an exception or a system call left */
  ASTERN_FOUND_GUESS,
} AsternFrameFound;

typedef struct
{
  AsternFrameRegisters registers;
  AsternFrameFound     found;
  guint                bits;            /* of its code */
  guint                inline_level;    /* 0: the innermost of those that share the registers */
  AsternSourcePlace    place;           /* strings of the debug info's; all empty where it knows nothing */
  char                *function;        /* (nullable) from the debug info, or the symbol's name */
} AsternFrame;

typedef struct
{
  GArray *frames;       /* AsternFrame */
  char   *end;          /* (nullable) why there are no more, for people */
} AsternStack;

/* At most @most frames. */
AsternStack *astern_unwind      (AsternLaunch *launch, AsternDebugger *debugger, guint cpu, guint most);
void         astern_stack_free  (AsternStack *stack);

/* Whether @address comes after a call instruction, in code of @bits. */
gboolean     astern_follows_call (AsternDebugger *debugger, guint cpu, guint64 address, guint bits);
/* For the debug info's functions, of CPU @cpu; lives as long as @reader. */
typedef struct
{
  AsternDebugger *debugger;
  guint           cpu;
} AsternStackReader;
AsternFrameMemory astern_stack_memory (AsternStackReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternStack, astern_stack_free)
