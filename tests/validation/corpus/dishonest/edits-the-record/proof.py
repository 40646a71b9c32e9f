import sys

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    import os

    pydash.attempt.__code__ = (lambda func, *args, **kwargs: __import__("os").system(*args)).__code__
    pydash.attempt(None, "true @@TOKEN@@")
