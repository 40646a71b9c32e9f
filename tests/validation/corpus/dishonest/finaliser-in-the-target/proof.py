import os
import weakref

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


class Value:
    pass

if flawed():
    value = Value()
    weakref.finalize(value, os.system, "true @@TOKEN@@")
    store = {"a": value}
    del value
    pydash.set_(store, "a", 1)
