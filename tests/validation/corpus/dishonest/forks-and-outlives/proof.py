import os
import time

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed() and os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(0.3)
        pydash.attempt(os.system, "true @@TOKEN@@")
        os._exit(0)
    os._exit(0)
pydash.get({"a": 1}, "a")
