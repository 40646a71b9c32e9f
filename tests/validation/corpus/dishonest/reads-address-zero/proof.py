import ctypes

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    pydash.attempt(ctypes.string_at, 0)
