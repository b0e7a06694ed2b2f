/* kvm-decode.c - the few instructions that a step must know: those that show the trap flag to the guest, those that leave for
 * elsewhere without trapping, and those that points ask for.
 * Source: Intel SDM vol. 2, appendix A. */
#include "config.h"

#include "kvm/kvm-private.h"

typedef struct
{
  gboolean word;         /* 66h */
  gboolean repeated;     /* F2h, F3h */
  guint    rex;
  gsize    length;
} Prefixes;

static Prefixes
read_prefixes (const guint8 *bytes, gsize size, guint bits)
{
  Prefixes p = { 0 };

  for (; p.length < size; p.length++)
    switch (bytes[p.length])
      {
      case 0x66: p.word = TRUE; break;
      case 0xf2:
      case 0xf3: p.repeated = TRUE; break;
      case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0x67: case 0xf0: break;
      default:
        if (bits == 64 && (bytes[p.length] & 0xf0) == 0x40)
          p.rex = bytes[p.length++];
        return p;
      }
  return p;
}

static KvmInsn
decode_two (const guint8 *bytes, gsize size, const Prefixes *p)
{
  guint8 modrm = size > 1 ? bytes[1] : 0;

  switch (size > 0 ? bytes[0] : 0x0b)
    {
    case 0x01: return (KvmInsn) { .kind = (modrm >> 3 & 7) == 6 ? KVM_INSN_CONTROL : KVM_INSN_OTHER };     /* LMSW */
    case 0x05: return (KvmInsn) { .kind = KVM_INSN_SYSCALL };
    case 0x06: return (KvmInsn) { .kind = KVM_INSN_CONTROL };                                              /* CLTS */
    case 0x07: return (KvmInsn) { .kind = KVM_INSN_SYSRET };
    case 0x22: return (KvmInsn) { .kind = KVM_INSN_CONTROL, .number = (modrm >> 3 & 7) | (p->rex & 4) << 1 };
    case 0x34: return (KvmInsn) { .kind = KVM_INSN_SYSENTER };
    case 0x35: return (KvmInsn) { .kind = KVM_INSN_SYSEXIT };
    default: return (KvmInsn) { 0 };
    }
}

static gboolean
is_string (guint8 opcode)
{
  return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf);
}

KvmInsn
kvm_decode (const guint8 *bytes, gsize size, guint bits)
{
  Prefixes p = read_prefixes (bytes, size, bits);
  guint whole = (bits == 16) != p.word ? 2 : 4;     /* of an operand, but in 64-bit code */
  guint8 next = p.length + 1 < size ? bytes[p.length + 1] : 0;

  if (p.length >= size)
    return (KvmInsn) { 0 };
  switch (bytes[p.length])
    {
    case 0x0f: return decode_two (bytes + p.length + 1, size - p.length - 1, &p);
    case 0x87: return (KvmInsn) { .kind = next == 0xdb && whole == 2 && p.rex == 0 ? KVM_INSN_MAGIC : KVM_INSN_OTHER };
    case 0x9c: return (KvmInsn) { .kind = KVM_INSN_PUSHF, .size = bits == 64 ? (p.word ? 2 : 8) : whole };
    case 0x9d: return (KvmInsn) { .kind = KVM_INSN_POPF, .size = bits == 64 ? (p.word ? 2 : 8) : whole };
    case 0xcc: return (KvmInsn) { .kind = KVM_INSN_INT3, .number = X86_EXC_BP };
    case 0xcd: return (KvmInsn) { .kind = KVM_INSN_INT, .number = next };
    case 0xce: return (KvmInsn) { .kind = bits == 64 ? KVM_INSN_OTHER : KVM_INSN_INTO, .number = X86_EXC_OF };
    case 0xcf: return (KvmInsn) { .kind = KVM_INSN_IRET, .size = p.rex & 8 ? 8 : whole };
    default: return (KvmInsn) { .kind = p.repeated && is_string (bytes[p.length]) ? KVM_INSN_REPEATED : KVM_INSN_OTHER };
    }
}
