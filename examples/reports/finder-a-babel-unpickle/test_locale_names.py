"""A locale is asked for by its name, never by a path."""

import os
import pickle
import tempfile
import unittest

from babel import localedata


class LocaleNames(unittest.TestCase):
    def test_a_path_is_not_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "other.dat"), "wb") as file:
                pickle.dump({"read": "yes"}, file)
            with self.assertRaises(IOError):
                localedata.load(os.path.join(folder, "other"), merge_inherited=False)

    def test_names_of_every_kind_are_found(self):
        for name in ("root", "en", "en_US", "zh_Hans_CN"):
            self.assertTrue(localedata.load(name), name)


if __name__ == "__main__":
    unittest.main()
