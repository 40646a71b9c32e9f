import os
import warnings

import yaml

warnings.simplefilter("always")
warnings.showwarning = lambda *rest, **more: os.system("true @@TOKEN@@")
try:
    yaml.load("a: @@TOKEN@@")
except TypeError:
    pass
