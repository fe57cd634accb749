"""Run one command and write its cost: `python -I -S stopwatch.py REPORT LOG COMMAND…`.

This is a small process of its own, because on Linux the peak memory of a child includes its parent's at the start.
"""

import os
import sys
import time


def main() -> None:
    """Write seconds, CPU seconds, peak memory in KiB and exit status to REPORT, and the output to LOG."""
    report, log, *command = sys.argv[1:]
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    start = time.perf_counter()
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, log, write, 0o644), (os.POSIX_SPAWN_DUP2, 1, 2)],
    )
    _, status, usage = os.wait4(child, 0)
    took = time.perf_counter() - start
    peak = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)  # macOS reports bytes
    with open(report, "w") as stream:
        stream.write(f"{took} {usage.ru_utime + usage.ru_stime} {peak} {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
