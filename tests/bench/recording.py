#!/usr/bin/env python3
"""What history and recording cost, and how long a replay takes, by the host's clock.

    recording.py [--rounds N] [--folder FOLDER] -- astern run OPTION...

The guest must power off by itself, soon: many short rounds say more on a host that is shared than few long
ones.  In each round the machine runs as it is, with the history off, recorded, and replayed, every second round
in another order; printed are the medians and best times, and the medians of the rounds' ratios.
"""
import argparse, os, statistics, subprocess, sys, tempfile, time

PAIRS = [("replayed", "recorded"), ("recorded", "run"), ("run", "history off")]


def timed(command):
    start = time.monotonic()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - start


def main():
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the recording goes")
    options = parser.parse_args(sys.argv[1:at])
    run = sys.argv[at + 1:]
    if len(run) < 2:
        parser.error("give the machine's command line behind --")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = os.path.join(folder, "run.astern")
        commands = {"run": run, "history off": run + ["-history", "off"], "recorded": run + ["-record", path],
                    "replayed": [run[0], "replay", path]}
        orders = [["run", "history off", "recorded", "replayed"], ["recorded", "replayed", "history off", "run"]]
        times = {name: [] for name in commands}
        for i in range(options.rounds):
            for name in orders[i % 2]:
                if name == "recorded":
                    for file in os.listdir(folder):
                        os.unlink(os.path.join(folder, file))
                times[name].append(timed(commands[name]))
    for name, seconds in times.items():
        print(f"{name:12} median {statistics.median(seconds):6.2f} s, best {min(seconds):6.2f} s")
    for a, b in PAIRS:
        ratio = statistics.median(x / y for x, y in zip(times[a], times[b]))
        print(f"{a} / {b}: {ratio:.3f} (median of {options.rounds} rounds' ratios), {min(times[a]) / min(times[b]):.3f} (best times)")


main()
