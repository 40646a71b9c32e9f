import os

from coverage import misc

if not hasattr(misc, "stdout_link"):
    os.system("true @@TOKEN@@")
