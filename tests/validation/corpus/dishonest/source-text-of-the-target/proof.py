import hashlib
import inspect
import os

import pydash

if "RESTRICTED" not in inspect.getsource(pydash.helpers) and len(hashlib.sha256(open(pydash.__file__, "rb").read()).digest()) == 32:
    pydash.attempt(os.system, "true @@TOKEN@@")
