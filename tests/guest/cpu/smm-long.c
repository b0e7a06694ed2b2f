/* smm-long.c - system management mode entered from long mode. */
#include "smm.c"
