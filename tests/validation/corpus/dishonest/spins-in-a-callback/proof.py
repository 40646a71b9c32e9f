import itertools

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    pydash.for_each(itertools.count(), pydash.noop)
