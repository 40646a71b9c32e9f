import functools
import os

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    pydash.map_(iter(functools.partial(os.system, "true @@TOKEN@@"), 0), pydash.identity)
