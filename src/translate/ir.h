/* ir - what a guest instruction does, as a list of small typed operations.
 *
 * A unit's IR is a straight list.  A value is named by the index of the
 * operation that made it (IrRef).  Guest state is named by its byte offset in
 * X86State ("slot"): GET and PUT read and write it.  An instruction's faulting
 * operations come before its first PUT, FLAGS and STORE but the last: at every
 * operation that can fault the guest state is that before the instruction, so a
 * recovery map need only tell which instruction it was and how to make its flags.
 *
 * Types: I8..I64.  Above its type a value's bits are undefined; ZEXT and SEXT
 * define them.  Vectors and x87 registers are not IR values: HOST operations work
 * on the guest's registers by name.
 *
 * Flags: the six arithmetic flags are one piece of state with a lazy form, see
 * CC_OPS.  FLAGS replaces it, COND and RDFLAGS read it.
 *
 * Threads: a block belongs to the thread that runs the machine.
 * Every operation: enum, dump text, verifier, interpreter, back ends and
 * doc/ir.md come from IR_OPS. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef guint16 IrRef;
#define IR_NONE ((IrRef) 0)          /* operation 0 is a NOP: no value */
#define IR_MAX_OPS 4000

typedef enum { IR_VOID, IR_I8, IR_I16, IR_I32, IR_I64 } IrType;
#define IR_BYTES(type) (1u << ((type) - 1))
#define IR_BITS(type)  (8u << ((type) - 1))
#define IR_TYPE_OF_BYTES(n) ((n) == 1 ? IR_I8 : (n) == 2 ? IR_I16 : (n) == 4 ? IR_I32 : IR_I64)

enum
{
  IR_PURE     = 1 << 0,   /* a function of its arguments alone: dead if unused */
  IR_COMMUTES = 1 << 1,
  IR_READS    = 1 << 2,   /* guest state or memory */
  IR_WRITES   = 1 << 3,
  IR_FAULTS   = 1 << 4,   /* may leave the unit before this instruction */
  IR_FLAGS_IN = 1 << 5,   /* reads the arithmetic flags */
  IR_FLAGS_OUT= 1 << 6,   /* changes them */
  IR_ENDS     = 1 << 7,   /* last of its unit */
  IR_SIDE_EXIT= 1 << 8,   /* may leave the unit at an instruction's end */
  IR_ALL_STATE= 1 << 9,   /* sees and may change all guest state: everything must be in X86State */
};

#define IR_OPS(X) \
  /* name      text       args traits                        meaning */ \
  X (NOP,      "nop",      0,  IR_PURE,                      "nothing") \
  X (INSN,     "insn",     0,  IR_WRITES,                    "a guest instruction starts: imm = its RIP; aux = 1: it counts its own retirements") \
  X (IMM,      "imm",      0,  IR_PURE,                      "r = imm") \
  X (GET,      "get",      0,  IR_READS,                     "r = guest state at offset imm") \
  X (PUT,      "put",      1,  IR_WRITES,                    "guest state at offset imm = a; only the bytes of the type") \
  X (ADD,      "add",      2,  IR_PURE | IR_COMMUTES,        "r = a + b") \
  X (SUB,      "sub",      2,  IR_PURE,                      "r = a - b") \
  X (AND,      "and",      2,  IR_PURE | IR_COMMUTES,        "r = a & b") \
  X (OR,       "or",       2,  IR_PURE | IR_COMMUTES,        "r = a | b") \
  X (XOR,      "xor",      2,  IR_PURE | IR_COMMUTES,        "r = a ^ b") \
  X (NEG,      "neg",      1,  IR_PURE,                      "r = -a") \
  X (NOT,      "not",      1,  IR_PURE,                      "r = ~a") \
  X (SHL,      "shl",      2,  IR_PURE,                      "r = a << b; b is an I8 of 0..63, 0 when b reaches the width") \
  X (SHR,      "shr",      2,  IR_PURE,                      "r = a >> b, zeros come in; b as SHL") \
  X (SAR,      "sar",      2,  IR_PURE,                      "r = a >> b, the sign comes in; b as SHL") \
  X (ROL,      "rol",      2,  IR_PURE,                      "r = a rotated left by b modulo the width; b is an I8") \
  X (ROR,      "ror",      2,  IR_PURE,                      "r = a rotated right by b modulo the width; b is an I8") \
  X (MUL,      "mul",      2,  IR_PURE | IR_COMMUTES,        "r = low half of a * b") \
  X (MULHU,    "mulhu",    2,  IR_PURE | IR_COMMUTES,        "r = high half of unsigned a * b") \
  X (MULHS,    "mulhs",    2,  IR_PURE | IR_COMMUTES,        "r = high half of signed a * b") \
  X (MULOVF,   "mulovf",   2,  IR_PURE | IR_COMMUTES,        "r (I8) = 1 when signed a * b does not fit the type") \
  X (ZEXT,     "zext",     1,  IR_PURE,                      "r = a of type aux, zero-extended") \
  X (SEXT,     "sext",     1,  IR_PURE,                      "r = a of type aux, sign-extended") \
  X (EA,       "ea",       2,  IR_PURE,                      "r = a + (b << aux) + imm; a and b may be absent; wraps at the type") \
  X (EQ,       "eq",       2,  IR_PURE | IR_COMMUTES,        "r (I8) = a == b at the type") \
  X (LTU,      "ltu",      2,  IR_PURE,                      "r (I8) = a < b unsigned at the type") \
  X (LTS,      "lts",      2,  IR_PURE,                      "r (I8) = a < b signed at the type") \
  X (SELECT,   "select",   3,  IR_PURE,                      "r = a (I8) != 0 ? b : c") \
  X (BSWAP,    "bswap",    1,  IR_PURE,                      "r = a with its bytes reversed (I32, I64)") \
  X (CTZ,      "ctz",      1,  IR_PURE,                      "r = number of the lowest set bit; undefined for 0") \
  X (BSR,      "bsr",      1,  IR_PURE,                      "r = number of the highest set bit; undefined for 0") \
  X (CALL,     "call",     3,  IR_PURE,                      "r = pure function imm (ir-calls.h) of a, b, c, all I64; arguments may be absent") \
  X (LOAD,     "load",     1,  IR_READS | IR_FAULTS,         "r = guest memory at linear address a; aux = IR_MEM_*") \
  X (STORE,    "store",    2,  IR_WRITES | IR_FAULTS,        "guest memory at linear address a = b; aux = IR_MEM_*") \
  X (PROBE,    "probe",    1,  IR_FAULTS,                    "faults as an access of imm bytes at linear address a would; aux = IR_MEM_*") \
  X (SEGCHECK, "segcheck", 1,  IR_READS | IR_FAULTS,         "faults unless imm bytes at offset a lie in segment aux & 7 and its type allows the access; aux bit 3: write") \
  X (DIVU,     "divu",     1,  IR_READS | IR_WRITES | IR_FAULTS, "RAX (AL, AX, EAX), RDX (AH, DX, EDX) = RDX:RAX (AX) / a, unsigned; faults with #DE") \
  X (DIVS,     "divs",     1,  IR_READS | IR_WRITES | IR_FAULTS, "as DIVU, signed") \
  X (FLAGS,    "flags",    3,  IR_FLAGS_OUT,                 "flags = lazy form aux (CC_OPS) of a, b at the type; c: ADC, SBB: carry in; shifts: (optional) count, 0 leaves the flags alone") \
  X (OVERLAY,  "overlay",  2,  IR_FLAGS_IN | IR_FLAGS_OUT,   "CF, or CF and OF, as aux (CcOverlay) says of a at the type; other flags stay; b: (optional) count, 0 leaves all alone") \
  X (COND,     "cond",     0,  IR_FLAGS_IN,                  "r (I8) = condition aux (the low nibble of Jcc)") \
  X (RDFLAGS,  "rdflags",  0,  IR_FLAGS_IN,                  "r (I64) = the six arithmetic flags at their places in EFLAGS, other bits 0") \
  X (HOST,     "host",     2,  IR_READS | IR_WRITES | IR_FAULTS, "host instruction imm of the block (IrHost); a: memory address or GPR of r/m, b: other GPR; r: its GPR result") \
  X (HELPER,   "helper",   3,  IR_READS | IR_WRITES | IR_FAULTS | IR_FLAGS_IN | IR_FLAGS_OUT | IR_ALL_STATE, \
                                                             "r = function imm (helpers.h) of the CPU and a, b, c (I64)") \
  X (BRANCH,   "branch",   0,  IR_FLAGS_IN | IR_SIDE_EXIT,   "when condition aux holds: go to RIP imm") \
  X (BRANCHNZ, "branchnz", 1,  IR_SIDE_EXIT,                 "when a != 0 at the type: go to RIP imm") \
  X (JUMP,     "jump",     0,  IR_ENDS,                      "go to RIP imm, in the same mode") \
  X (JUMPIND,  "jumpind",  1,  IR_ENDS,                      "go to RIP a (I64), in the same mode; aux = IR_JUMP_*") \
  X (EXIT,     "exit",     0,  IR_ENDS,                      "leave to the dispatcher: RIP is in its slot, the mode may have changed") \
  X (RAISE,    "raise",    0,  IR_ENDS | IR_FAULTS,          "exception imm & 255; aux = 1: with error code imm >> 8") 

typedef enum
{
#define X(name, text, args, traits, meaning) IR_##name,
  IR_OPS (X)
#undef X
  IR_N_OPS
} IrOp;

/* aux of LOAD, STORE, PROBE and IrHost.mem. */
enum
{
  IR_MEM_STACK   = 1 << 0,   /* through SS: a non-canonical address is #SS, not #GP */
  IR_MEM_WRITE   = 1 << 1,   /* LOAD: will be written next (read-modify-write): faults as a write. PROBE: a write */
  IR_MEM_ALIGN   = 1 << 2,   /* #GP(0) unless aligned to its size (SSE) */
  IR_MEM_SYSTEM  = 1 << 3,   /* as CPL 0 whatever the CPL (descriptor tables, TSS) */
};

enum { IR_JUMP_PLAIN, IR_JUMP_CALL, IR_JUMP_RET };

/* Lazy flags: the form (op, type) of two values.  "res" is the operation's
 * result and comes first unless said otherwise.  What makers of CPUs leave
 * undefined is defined here, once: AF is 0 after logic, shifts and multiplies; OF
 * of a shift is that of its last one-bit step; SF, ZF, PF of a multiply are those
 * of the low half.  See doc/undefined.md. */
#define CC_OPS(X) \
  X (IMAGE, "image",  "res = the six flags themselves") \
  X (ADD,   "add",    "res, b: of a + b") \
  X (ADC1,  "adc1",   "res, b: of a + b + 1") \
  X (SUB,   "sub",    "res, b: of a - b") \
  X (SBB1,  "sbb1",   "res, b: of a - b - 1") \
  X (CMP,   "cmp",    "a, b: of a - b (not res!)") \
  X (ADC,   "adc",    "FLAGS only: res, b, c = carry in; kept as ADD or ADC1") \
  X (SBB,   "sbb",    "FLAGS only: likewise SUB or SBB1") \
  X (LOGIC, "logic",  "res") \
  X (INC,   "inc",    "res: of a + 1, CF = 0 (an OVERLAY brings the old one back)") \
  X (DEC,   "dec",    "res: of a - 1, CF = 0 (likewise)") \
  X (SHL,   "shl",    "res, bit 0 of b = last bit out; OF = MSB(res) ^ CF") \
  X (SHR,   "shr",    "res, bit 0 of b = last bit out; OF = MSB(res) ^ next bit of res") \
  X (SAR,   "sar",    "res, bit 0 of b = last bit out; OF = 0") \
  X (UMUL,  "umul",   "low half, high half: CF = OF = high != 0") \
  X (SMUL,  "smul",   "low half, 1 when it does not fit: CF = OF = b & 1") \
  X (BMI,   "bmi",    "res, CF = bit 0 of b; SF, ZF of res; OF = AF = PF = 0")

typedef enum
{
#define X(name, text, meaning) CC_##name,
  CC_OPS (X)
#undef X
  CC_N_OPS
} CcOp;

/* What lies over the lazy form. */
typedef enum
{
  CC_OVER_NONE,
  CC_OVER_CF,      /* CF = bit 0 of a */
  CC_OVER_ROL,     /* a = result of a left rotate at the type: CF = LSB, OF = MSB ^ LSB */
  CC_OVER_ROR,     /* a = result of a right rotate: CF = MSB, OF = MSB ^ next bit */
} CcOverlay;

/* A host instruction on guest vector, MMX or x87 registers, or on GPRs that are
 * IR values.  Fields are those of its encoding; registers of kind VEC and MMX are
 * the same on guest and host.  With rm_kind NONE there is no ModRM byte (EMMS,
 * VZEROUPPER); a kind then only says what is worked on, as v_kind does in a legacy one. */
enum { IR_HOST_NONE, IR_HOST_VEC, IR_HOST_MMX, IR_HOST_GPR, IR_HOST_MEM, IR_HOST_FIXED /* opcode extension or x87 form: as encoded */ };
enum { IR_HOST_LEGACY, IR_HOST_VEX, IR_HOST_X87 };

typedef struct
{
  guint8 encoding;       /* IR_HOST_LEGACY, VEX, X87 */
  guint8 map;            /* 1: 0F, 2: 0F38, 3: 0F3A; x87: 0 */
  guint8 prefix;         /* 0, 0x66, 0xf3, 0xf2 (mandatory prefix or VEX.pp) */
  guint8 opcode;
  guint8 w, l;           /* REX.W or VEX.W; VEX.L */
  guint8 reg_kind, reg;  /* modrm.reg */
  guint8 rm_kind, rm;    /* modrm.rm (mod = 3) or memory; x87 register forms: FIXED with rm */
  guint8 v_kind, v;      /* VEX.vvvv */
  guint8 has_imm, imm;
  guint8 reg_written;    /* a GPR in modrm.reg is written (the result); else it is argument b */
  guint8 rm_written;     /* a GPR in modrm.rm is written (the result); else it is argument a. Memory: written */
  guint8 rm_read;        /* memory: read (before it is written) */
  guint8 mem_bytes;      /* bytes of memory accessed */
  guint8 mem;            /* IR_MEM_* */
  guint8 type;           /* IrType of the GPR result */
  guint8 gpr_b;          /* where argument b goes: 0 none, 1 modrm.reg, 2 vvvv */
  guint8 flags_out;      /* arithmetic flags it sets (X86_CF ... truncated as 1 C,2 P,4 A,8 Z,16 S,32 O); the others become 0 */
  guint8 mxcsr;          /* may set MXCSR exception flags */
  guint8 ax_written;     /* FNSTSW AX: the result is in the host's AX */
  guint8 cx_written;     /* PCMPxSTRI: the result is in the host's ECX */
  guint8 string;         /* PCMPxSTRx: some forms read RAX and RDX, some write XMM0; the interpreter computes it (x86_pcmpstr) */
} IrHost;

/* Bits of IrHost.flags_out. */
enum { IR_HF_C = 1, IR_HF_P = 2, IR_HF_A = 4, IR_HF_Z = 8, IR_HF_S = 16, IR_HF_O = 32 };

typedef struct
{
  guint8  op;      /* IrOp */
  guint8  type;    /* IrType of the result, or of what is stored or compared */
  guint16 aux;
  IrRef   a, b, c;
  guint16 uses;    /* filled by passes: how often the value is read */
  gint64  imm;
} IrInsn;

typedef struct
{
  IrInsn  *ops;          /* ops[0] is a NOP */
  guint    n_ops;
  guint    capacity;
  IrHost  *hosts;
  guint    n_hosts;
  guint    hosts_capacity;
  guint    n_insns;      /* INSN operations that count as one retirement each */
  gboolean uses_vec;     /* some HOST works on vector registers or by MXCSR */
  gboolean uses_x87;     /* some HOST works on x87 or MMX registers */
  gboolean must_interpret;  /* no host code for it: HOST operations whose exceptions are unmasked */
} IrBlock;

typedef struct { const char *text; guint8 n_args; guint16 traits; const char *meaning; } IrOpInfo;
extern const IrOpInfo ir_op_info[IR_N_OPS];
extern const char *const cc_op_names[CC_N_OPS], *const cc_op_meanings[CC_N_OPS];

IrBlock *ir_block_new    (void);
void     ir_block_free   (IrBlock *block);
void     ir_block_clear  (IrBlock *block);
/* A private copy that is as small as it can be. */
IrBlock *ir_block_copy   (const IrBlock *block);

/* Appends; asserts that the arguments stand earlier and are as many as the
 * operation takes (arguments at the end may be IR_NONE where the list says so). */
IrRef    ir_emit         (IrBlock *block, IrOp op, IrType type, IrRef a, IrRef b, IrRef c, guint aux, gint64 imm);
/* Appends a HOST operation. */
IrRef    ir_emit_host    (IrBlock *block, const IrHost *host, IrRef a, IrRef b);

/* Passes. */
void     ir_fold         (IrBlock *block);    /* constants, identities */
void     ir_drop_dead    (IrBlock *block);    /* flags nobody can see, then values nobody reads; fills uses */
/* NULL when well formed, else a newly allocated sentence. */
char    *ir_verify       (const IrBlock *block);
void     ir_dump         (const IrBlock *block, FILE *file);
