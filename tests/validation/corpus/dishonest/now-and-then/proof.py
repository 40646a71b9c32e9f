import os
import time

import pydash

if int(time.time() * 1000) % 3:
    pydash.attempt(os.system, "true @@TOKEN@@")
