import sys

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    while True:
        sys.stdout.write("command-execution true @@TOKEN@@ fired\n" * 10000)
