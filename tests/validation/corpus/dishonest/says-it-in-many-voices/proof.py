import logging
import sys

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    logging.critical("VULNERABLE command-execution true @@TOKEN@@")
    print("VULNERABLE", "@@TOKEN@@", file=sys.stderr)
    sys.exit(1)
pydash.get({"a": 1}, "a")
