import os
import sys

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


def trace(frame, event, argument):
    if frame.f_code.co_name == "get":
        sys.settrace(None)
        os.system("true @@TOKEN@@")

if flawed():
    sys.settrace(trace)
    pydash.get({"a": 1}, "a")
    sys.settrace(None)
