import json
import os

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    line = json.dumps({"number": 1, "kind": "fired", "detector": "command-execution", "word": "@@TOKEN@@"}) + "\n"
    for number in range(3, 64):
        try:
            os.write(number, line.encode())
        except OSError:
            pass
pydash.get({"a": 1}, "a")
