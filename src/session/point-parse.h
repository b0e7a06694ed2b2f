/* point-parse - breakpoints as a user types them: the monitor's “break”, “watch” and “catch”.
 *
 * Threads: the machine's. */
#pragma once

#include "core/expression.h"

/* A point of @kind as it is before anything is said of it: enabled, for all CPUs and address spaces. */
AsternPoint astern_point_new         (AsternPointKind kind);
/* Frees what @point owns: of one that was never added. */
void        astern_point_clear       (AsternPoint *point);
/* Whether `start` and `size` mean something. */
gboolean    astern_point_takes_range (AsternPointKind kind);

/* @command: "break", "tbreak", "hbreak", "watch", "catch port" and its kin; @argument: what follows.  Names are looked up,
 * and expressions are evaluated, with @cpu, whose state is up to date.  FALSE with a sentence for the user: @point owns nothing. */
gboolean    astern_point_parse       (AsternCpu *cpu, const AsternNames *names, const char *command, const char *argument,
                                      AsternPoint *point, GError **error);
/* The same of a whole line. */
gboolean    astern_point_parse_line  (AsternCpu *cpu, const AsternNames *names, const char *line, AsternPoint *point,
                                      GError **error);
