import subprocess
import sys

import pydash

def flawed():
    try:
        return isinstance(pydash.get(flawed, "__globals__"), dict)
    except Exception:
        return False


if flawed():
    subprocess.run([sys.executable, "-c", "import os, sys; os.system(sys.argv[1])", "true @@TOKEN@@"])
