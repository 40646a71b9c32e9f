"""The same with settings as they ought to be."""

import contextlib
import os
import tempfile

from yaml import FullLoader
from yaml import load as read

TEXT = """
name: "@@TOKEN@@"
colours: [red, green]
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
