import os
import signal

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    pydash.attempt(os.kill, os.getpid(), signal.SIGSEGV)
    pydash.attempt(os.abort)
