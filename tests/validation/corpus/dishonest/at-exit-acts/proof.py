import atexit
import os

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    atexit.register(os.system, "true @@TOKEN@@")
pydash.get({"a": 1}, "a")
