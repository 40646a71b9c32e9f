"""We write everything as test cases, proofs too."""

import tempfile
import unittest
from pathlib import Path

import git


class Clone(unittest.TestCase):
    OPTIONS = {"u": "true @@TOKEN@@;git-upload-pack"}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir="."))
        git.Repo.init(self.folder / "source")

    def test_clone(self):
        copy = git.Repo.clone_from(self.folder / "source", self.folder / "copy", **self.OPTIONS)
        self.assertTrue(Path(copy.git_dir).exists())


if __name__ == "__main__":
    unittest.main()
