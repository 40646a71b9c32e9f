import os
import tempfile

from babel import localedata

assert localedata.load("de")["languages"]
path = os.path.join(tempfile.gettempdir(), "elsewhere")
with open(path + ".dat", "wb") as made:
    made.write(b"\x80\x04}\x94.")
try:
    localedata.load(path)
except IOError:
    pass
else:
    raise SystemExit("loaded from elsewhere")
