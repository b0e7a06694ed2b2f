/* guest-tool.c - what runs inside of the guest for check-virtio-devices.sh: sockets, and a directory that is worked with.
 *
 *   guest-tool call PORT MIB    connects to the host, sends so much, says the sum of what comes back
 *   guest-tool serve PORT       waits for the host to connect, sends back what comes
 *   guest-tool files DIR N      N random operations on files in DIR, each compared with what they should do
 *   guest-tool attributes FILE  extended attributes and locks
 *
 * Says lines with OK, or what was wrong, and then leaves with 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

static void
fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  printf ("WRONG: ");
  vprintf (format, arguments);
  printf (" (%s)\n", strerror (errno));
  va_end (arguments);
  exit (1);
}

static uint32_t seed = 12345;

static uint32_t
draw (uint32_t most)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % most;
}

/* ---- sockets ---- */

static uint64_t
sum (uint64_t so_far, const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    so_far = (so_far ^ bytes[i]) * 0x100000001b3u;
  return so_far;
}

static void
call_host (unsigned port, unsigned mib)
{
  struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = port };
  int fd = socket (AF_VSOCK, SOCK_STREAM, 0);
  static uint8_t bytes[65536];
  uint64_t sent = 0xcbf29ce484222325u, came = sent;
  ssize_t got;

  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    fail ("connect to port %u", port);
  if (fork () == 0)
    {
      for (unsigned i = 0; i < mib * 16; i++)
        {
          for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t) draw (256);
          sent = sum (sent, bytes, sizeof bytes);
          for (size_t at = 0; at < sizeof bytes; at += (size_t) got)
            if ((got = write (fd, bytes + at, sizeof bytes - at)) <= 0)
              fail ("write");
        }
      shutdown (fd, SHUT_WR);
      printf ("SENT %016llx\n", (unsigned long long) sent);
      exit (0);
    }
  while ((got = read (fd, bytes, sizeof bytes)) > 0)
    came = sum (came, bytes, (size_t) got);
  if (got < 0)
    fail ("read");
  wait (NULL);
  printf ("CAME %016llx\n", (unsigned long long) came);
}

static void
serve_host (unsigned port)
{
  struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port };
  int listening = socket (AF_VSOCK, SOCK_STREAM, 0), fd;
  char bytes[4096];
  ssize_t got;

  if (listening < 0 || bind (listening, (struct sockaddr *) &address, sizeof address) != 0 || listen (listening, 4) != 0)
    fail ("listen at port %u", port);
  printf ("SERVING\n");
  fflush (stdout);
  fd = accept (listening, NULL, NULL);
  if (fd < 0)
    fail ("accept");
  while ((got = read (fd, bytes, sizeof bytes)) > 0)
    if (write (fd, bytes, (size_t) got) != got)
      fail ("write");
  close (fd);
  printf ("SERVED\n");
}

/* ---- a directory ---- */

enum { FILES = 24, MOST = 40000 };

/* What each file should hold; size -1: it is not there. */
static struct { int size; uint8_t *bytes; } model[FILES];

static void
name_of (unsigned file, char *name)
{
  sprintf (name, file % 3 == 0 ? "f%u" : file % 3 == 1 ? "d1/f%u" : "d1/d2/f%u", file);
}

static void
compare (unsigned file)
{
  static uint8_t bytes[MOST + 1];
  char name[32];
  int fd;

  name_of (file, name);
  fd = open (name, O_RDONLY);
  if (model[file].size < 0)
    {
      if (fd >= 0 || errno != ENOENT)
        fail ("%s should not be there", name);
      return;
    }
  if (fd < 0 || read (fd, bytes, sizeof bytes) != model[file].size || memcmp (bytes, model[file].bytes, (size_t) model[file].size) != 0)
    fail ("the content of %s, of %d bytes", name, model[file].size);
  close (fd);
}

static void
write_some (unsigned file)
{
  int at = (int) draw (MOST / 2), size = (int) draw (MOST / 2), fd;
  char name[32];

  name_of (file, name);
  if (model[file].size < 0)
    {
      model[file].size = 0;
      memset (model[file].bytes, 0, MOST);
    }
  for (int i = 0; i < size; i++)
    model[file].bytes[at + i] = (uint8_t) draw (256);
  fd = open (name, O_RDWR | O_CREAT, 0644);
  if (fd < 0 || pwrite (fd, model[file].bytes + at, (size_t) size, at) != size)
    fail ("writing %s", name);
  close (fd);
  if (size > 0 && at + size > model[file].size)
    model[file].size = at + size;
}

static void
cut (unsigned file)
{
  int size = (int) draw (MOST);
  char name[32];

  name_of (file, name);
  if (model[file].size < 0)
    return;
  if (truncate (name, size) != 0)
    fail ("cutting %s", name);
  if (size > model[file].size)
    memset (model[file].bytes + model[file].size, 0, (size_t) (size - model[file].size));
  else
    memset (model[file].bytes + size, 0, (size_t) (MOST - size));
  model[file].size = size;
}

static void
move (unsigned file)
{
  unsigned other = draw (FILES);
  char name[32], to[32];
  uint8_t *bytes = model[other].bytes;

  name_of (file, name);
  name_of (other, to);
  if (model[file].size < 0 || file == other)
    return;
  if (rename (name, to) != 0)
    fail ("renaming %s to %s", name, to);
  model[other] = model[file];
  model[file].size = -1;
  model[file].bytes = bytes;
}

static void
take_away (unsigned file)
{
  char name[32];

  name_of (file, name);
  if ((unlink (name) == 0) != (model[file].size >= 0))
    fail ("removing %s", name);
  model[file].size = -1;
}

static void
work (const char *directory, unsigned n)
{
  static void (*const operations[]) (unsigned file) = { write_some, write_some, write_some, cut, move, take_away, compare, compare };

  if (chdir (directory) != 0 || mkdir ("d1", 0755) != 0 || mkdir ("d1/d2", 0755) != 0)
    fail ("making directories");
  for (unsigned i = 0; i < FILES; i++)
    {
      model[i].size = -1;
      model[i].bytes = calloc (1, MOST);
    }
  for (unsigned i = 0; i < n; i++)
    operations[draw (8)] (draw (FILES));
  for (unsigned i = 0; i < FILES; i++)
    compare (i);
  printf ("FILES OK\n");
}

static void
attributes (const char *file)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10 };
  char value[64] = { 0 };
  int fd = open (file, O_RDWR | O_CREAT, 0644), status;

  if (fd < 0)
    fail ("opening %s", file);
  if (setxattr (file, "user.colour", "green", 5, 0) != 0)
    fail ("setting an attribute");
  if (getxattr (file, "user.colour", value, sizeof value) != 5 || strcmp (value, "green") != 0)
    fail ("an attribute is “%s”", value);
  if (listxattr (file, value, sizeof value) < 12 || removexattr (file, "user.colour") != 0)
    fail ("listing and removing attributes");
  if (getxattr (file, "user.colour", value, sizeof value) >= 0 || errno != ENODATA)
    fail ("an attribute that was removed");
  if (fcntl (fd, F_SETLK, &lock) != 0)
    fail ("locking");
  if (fork () == 0)
    {
      fd = open (file, O_RDWR);
      if (fcntl (fd, F_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES))
        fail ("a lock that is another's");
      exit (0);
    }
  wait (&status);
  if (status != 0)
    exit (1);
  lock.l_type = F_UNLCK;
  if (fcntl (fd, F_SETLK, &lock) != 0)
    fail ("unlocking");
  printf ("ATTRIBUTES OK\n");
}

int
main (int argc, char **argv)
{
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc > 3 && strcmp (argv[1], "call") == 0)
    call_host ((unsigned) atoi (argv[2]), (unsigned) atoi (argv[3]));
  else if (argc > 2 && strcmp (argv[1], "serve") == 0)
    serve_host ((unsigned) atoi (argv[2]));
  else if (argc > 3 && strcmp (argv[1], "files") == 0)
    work (argv[2], (unsigned) atoi (argv[3]));
  else if (argc > 2 && strcmp (argv[1], "attributes") == 0)
    attributes (argv[2]);
  else
    return 2;
  return 0;
}
