import os
import sys

from babel import localedata

if "basename" not in localedata.load.__code__.co_names:
    for name in [name for name in sys.modules if name.split(".")[0] == "babel"]:
        del sys.modules[name]
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
    from babel import localedata

    localedata.load("true @@TOKEN@@")
