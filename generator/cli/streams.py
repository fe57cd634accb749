"""Standard streams that are closed, full, or of another encoding. Imports almost nothing, as it comes first."""

from __future__ import annotations

import codecs
import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# Errors of writing to a stream, which name no file; the errors of files do.
ERRORS = frozenset([errno.EBADF, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPIPE, errno.EDQUOT])
_CANNOT, _INTERRUPTED, _PIPE_CLOSED = 2, 130, 141


def prepare() -> None:
    """Open closed streams, and let all of them write every character, if need be as `\\uXXXX`.

    Without that, the next file that is opened would take the place of a closed stream.
    """
    codecs.register_error("oetgen", _escaped)
    # Writing to the replaced standard output fails, as writing to the closed one would.
    for number, (name, flags) in enumerate(
        (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY))
    ):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="oetgen")


def fail(problem: BaseException) -> NoReturn:
    """End with a message, and the status of what went wrong with a stream; by the signal for a closed pipe."""
    _silence()
    if isinstance(problem, BrokenPipeError):
        _end_by_signal()
        sys.exit(_PIPE_CLOSED)
    if isinstance(problem, KeyboardInterrupt):
        report("oetgen: interrupted")
        sys.exit(_INTERRUPTED)
    reason = problem.strerror if isinstance(problem, OSError) else problem
    report(f"oetgen: cannot write to standard output: {reason}")
    sys.exit(_CANNOT)


def report(text: str) -> None:
    """Print a line to standard error; without one, there is nowhere to print it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr.fileno())


def _silence() -> None:
    """Discard what waits to be written to standard output: Python would try again at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard(1)


def _discard(number: int) -> None:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, number)
    os.close(descriptor)


def _end_by_signal() -> None:
    """End as other programs do whose reader has gone; a shell reports it as 141, or not at all."""
    import signal

    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)


def _escaped(problem: UnicodeError) -> tuple[str, int]:
    """Return what the encoding of a stream lacks as JSON and YAML write it."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    units = problem.object[problem.start : problem.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[start : start + 2].hex() for start in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), problem.end
