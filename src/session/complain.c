/* complain.c - what is wrong, said to the user. */
#include "config.h"

#include "session/exit.h"

void
astern_complain (const char *message)
{
  g_printerr ("astern: %s\n", message);
}
