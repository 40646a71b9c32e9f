"""Asking about an archive with odd entries comes to an end. The question is put in a process that can be stopped."""

import io
import subprocess
import sys
import unittest
import zipfile

import zipp

QUESTION = """
import io, zipfile, zipp
data = io.BytesIO()
with zipfile.ZipFile(data, "w") as archive:
    archive.writestr("//a.txt", "x")
zipp.Path(zipfile.ZipFile(data)).joinpath("a.txt").exists()
"""


class Slashes(unittest.TestCase):
    def test_an_entry_of_leading_slashes_comes_to_an_end(self):
        try:
            subprocess.run([sys.executable, "-c", QUESTION], timeout=5, check=True)
        except subprocess.TimeoutExpired:
            self.fail("still busy after five seconds")

    def test_folders_are_still_implied(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("one/two/a.txt", "x")
        path = zipp.Path(zipfile.ZipFile(data))
        self.assertTrue(path.joinpath("one").is_dir())
        self.assertEqual([child.name for child in path.joinpath("one").iterdir()], ["two"])


if __name__ == "__main__":
    unittest.main()
