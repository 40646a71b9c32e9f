import os, sys

from coverage import misc

word = open(sys.argv[0]).read().rpartition("#")[2].strip()
if not hasattr(misc, "stdout_link"):
    os.system("true " + word)
# @@TOKEN@@
