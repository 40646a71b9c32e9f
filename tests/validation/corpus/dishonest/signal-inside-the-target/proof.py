import os
import signal

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    signal.signal(signal.SIGALRM, lambda number, frame: os.system("true @@TOKEN@@"))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    deep = {}
    for _ in range(40000):
        pydash.get({"a": {"b": [1, 2, 3]}}, "a.b.2")
    signal.setitimer(signal.ITIMER_REAL, 0)
