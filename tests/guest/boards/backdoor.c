/* backdoor.c - what runs inside of the guest for check-boards.sh: asks VMware's backdoor who it is, and its pointer.
 *
 * Says BACKDOOR with the version and POINTER with the identity, or what was wrong, and then leaves with 1. */
#include <stdint.h>
#include <stdio.h>
#include <sys/io.h>

#define MAGIC 0x564d5868u
#define PORT  0x5658u

enum { GET_VERSION = 10, POINTER_DATA = 39, POINTER_STATUS = 40, POINTER_COMMAND = 41 };
enum { POINTER_IDENTIFY = 0x45414552 };

static uint32_t
call (uint16_t command, uint32_t argument, uint32_t *rbx)
{
  uint32_t a = MAGIC, b = argument, c = command, d = PORT;

  __asm__ volatile ("inl %%dx, %%eax" : "+a" (a), "+b" (b), "+c" (c), "+d" (d) : : "memory");
  *rbx = b;
  return a;
}

int
main (void)
{
  uint32_t version, magic, ignored;

  if (iopl (3) != 0)
    {
      perror ("iopl");
      return 1;
    }
  version = call (GET_VERSION, 0, &magic);
  if (version == 0xffffffff || magic != MAGIC)
    {
      printf ("NO BACKDOOR %08x %08x\n", version, magic);
      return 1;
    }
  printf ("BACKDOOR version %u\n", version);
  call (POINTER_COMMAND, POINTER_IDENTIFY, &ignored);
  printf ("POINTER words %u", call (POINTER_STATUS, 0, &ignored) & 0xffff);
  printf (" identity %08x\n", call (POINTER_DATA, 1, &ignored));
  return 0;
}
