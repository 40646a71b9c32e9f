"""The ``crash`` detector: did the kernel kill the process for a fault, and where did it stand?

The work is done in a forked child that ignores SIGSEGV, SIGBUS, SIGFPE and SIGILL. A signal that somebody *sent* is
then lost; one that the kernel *forces* for a fault kills all the same. So a death by one of these is the kernel's. The
parent never touches the target; it keeps the key, numbers the child's records, and reads where the child stood from
``faulthandler``, which writes once, at the fault.
"""

from __future__ import annotations

import os
import signal

from . import plain

FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
_LARGEST = 1 << 16


def divide(send: object) -> tuple | None:
    """Fork; return (records descriptor, trace descriptor) in the child, and None in the parent when all is done."""
    records_in, records_out = os.pipe()
    trace_in, trace_out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(records_in)
        os.close(trace_in)
        for fault in FAULTS:
            signal.signal(fault, signal.SIG_IGN)
        import faulthandler

        faulthandler.enable(file=trace_out, all_threads=False)
        return records_out, trace_out
    os.close(records_out)
    os.close(trace_out)
    step, sent = _relay(records_in, send)
    _gone, status = os.waitpid(child, 0)
    _conclude(status, step, sent, trace_in, send)
    return None


def _relay(records_in: int, send: object) -> tuple:
    """Pass the child's records on; return what it did last and which signals it sent."""
    step = {}
    sent = set()
    with open(records_in, "rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            record = plain.load(line)
            if record.get("t") == "now":
                step = record
            elif record.get("t") == "sent":
                sent.add(record["signal"])
            else:
                send(record)
    return step, sent


def _conclude(status: int, step: dict, sent: set, trace_in: int, send: object) -> None:
    """Send what the child's end was, and end alike."""
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    kernel = number in FAULTS and number not in sent
    frames = _frames(_read(trace_in), step)
    blamed = next((frame["owner"] for frame in frames if frame["owner"] != "library"), "unknown")
    record = {"t": "crash", "signal": number, "kernel": kernel, "step": step.get("index"), "blamed": blamed}
    send(dict(record, frames=frames))
    send({"t": "end", "cpu": round(os.times().children_user + os.times().children_system, 6)})
    signal.signal(number, signal.SIG_DFL) if number not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), number)


def _read(trace_in: int) -> str:
    """Return what faulthandler wrote."""
    with open(trace_in, "rb") as trace:
        return trace.read(_LARGEST).decode("utf-8", "replace")


def _frames(trace: str, step: dict) -> list:
    """Return the frames of a faulthandler trace, innermost first.

    They go by file names, which is enough where no code of the finder runs; a program's crash is decided by its replay.
    """
    frames = []
    roots = step.get("roots") or []
    for line in trace.splitlines():
        text = line.strip()
        if not text.startswith('File "') or '", line ' not in text:
            continue
        file, _, rest = text[6:].partition('", line ')
        number, _, function = rest.partition(" in ")
        owner, inside = next(
            ((name, file[len(root) :]) for name, root in roots if file.startswith(root)), ("unknown", file)
        )
        if owner == "runner":
            break
        module = inside[:-3].replace("/", ".").replace(".__init__", "") if inside.endswith(".py") else ""
        line_number = int(number) if number.isdigit() else 0
        frames.append(
            {"owner": owner, "module": module, "function": function[:200], "file": inside[:300], "line": line_number}
        )
    if not any(frame["owner"] == "target" for frame in frames) and step.get("callee"):
        frames.append(step["callee"])
    return frames[:40]
