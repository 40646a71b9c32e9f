"""EXPECTED: load() refuses names with separators; exists() does not find them; real locales load."""

import os
import unittest

from babel import localedata


class Load(unittest.TestCase):
    def test_paths_are_refused_before_anything_is_opened(self):
        inside = os.path.join(os.path.dirname(localedata.__file__), "locale-data", "en")
        for name in (inside, "../locale-data/en"):
            with self.assertRaises(IOError):
                localedata.load(name, merge_inherited=False)
            self.assertFalse(localedata.exists(name))

    def test_locales_load(self):
        self.assertTrue(localedata.exists("de"))
        self.assertTrue(localedata.load("de"))


if __name__ == "__main__":
    unittest.main()
