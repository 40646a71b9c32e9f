import unittest

from tqdm.cli import cast


class Options(unittest.TestCase):
    def test_a_quote_does_not_start_code(self):
        ran = []
        unittest.ran = ran
        for kind in ("int", "float", "str", "chr", "int or str"):
            try:
                cast('" + str(__import__("unittest").ran.append(1)) + "', kind)
            except Exception:
                pass
        self.assertEqual(ran, [])

    def test_proper_values_are_cast(self):
        self.assertEqual(cast("3", "int"), 3)
        self.assertEqual(cast("0.5", "float"), 0.5)
        self.assertEqual(cast("x", "str"), "x")
        self.assertEqual(cast("\\n", "chr"), b"\n")
        self.assertEqual(cast("", "bool"), True)


if __name__ == "__main__":
    unittest.main()
