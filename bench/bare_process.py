"""Starts programs without a sandbox and says how long each took: ``python -I -S bare_process.py <uid>``.

It stands alone, as the sandbox's warden does: as root it first gives up root, and then starts each program the quick
way, with no descriptor and no user to change in between. One order is one line of JSON in, one line out.
"""

import base64
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHUNK = 1 << 16
DRAIN_SECONDS = 2.0


def main() -> None:
    """Become the user that was named, then answer orders until there are none."""
    uid = int(sys.argv[1])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_run(json.loads(line))) + "\n")
        sys.stdout.flush()


def _run(order: dict[str, Any]) -> dict[str, Any]:
    """Run one program in a new folder of its own and return how it ended."""
    work = tempfile.mkdtemp(prefix="clearinghouse-bare-")
    try:
        for name, data in order["files"].items():
            place = Path(work, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(base64.b64decode(data))
        return _timed(order, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _timed(order: dict[str, Any], work: str) -> dict[str, Any]:
    brief, limit = base64.b64decode(order["brief"]), order["limit_seconds"]
    began = time.monotonic()
    brief_out, brief_in = os.pipe()
    records_out, records_in = os.pipe()
    numbers = {"{brief}": str(brief_out), "{records}": str(records_in)}
    process = subprocess.Popen(
        [numbers.get(one, one) for one in order["argv"]],
        cwd=work,
        env={**order["env"], "HOME": work},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(brief_out, records_in),
        start_new_session=True,
    )
    os.close(brief_out)
    os.close(records_in)
    streams = {records_out: bytearray()}
    streams |= {one.fileno(): bytearray() for one in (process.stdout, process.stderr) if one}
    timed_out = _pump(process, brief_in, brief, streams, began + limit)
    process.wait()
    seconds = time.monotonic() - began
    os.close(records_out)
    records, stdout, stderr = (base64.b64encode(one).decode() for one in streams.values())
    for one in (process.stdout, process.stderr):
        if one:
            one.close()
    return {
        "seconds": seconds,
        "status": process.returncode,
        "timed_out": timed_out,
        "records": records,
        "stdout": stdout,
        "stderr": stderr,
    }


def _pump(
    process: subprocess.Popen[bytes], into: int, brief: bytes, streams: dict[int, bytearray], until: float
) -> bool:
    """Feed the brief and read every stream to its end; return whether the program had to be ended."""
    rest = memoryview(brief)
    os.set_blocking(into, False)
    timed_out = False
    with selectors.DefaultSelector() as selector:
        selector.register(into, selectors.EVENT_WRITE)
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, until - time.monotonic()))
            if not ready:
                if timed_out:
                    break
                timed_out, until = True, time.monotonic() + DRAIN_SECONDS
                os.killpg(process.pid, signal.SIGKILL)
            for key, _ in ready:
                if key.fd == into:
                    try:
                        rest = rest[os.write(into, rest[:CHUNK]) :]
                    except BrokenPipeError:
                        rest = rest[len(rest) :]
                    if not rest:
                        selector.unregister(into)
                        os.close(into)
                    continue
                chunk = os.read(key.fd, CHUNK)
                streams[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
    return timed_out


if __name__ == "__main__":
    main()
