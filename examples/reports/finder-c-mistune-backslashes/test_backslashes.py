import time
import unittest

import mistune


class Backslashes(unittest.TestCase):
    def test_a_row_of_backslashes_is_rendered_at_once(self):
        start = time.process_time()
        mistune.html("*" + "\\" * 34)
        self.assertLess(time.process_time() - start, 0.25)

    def test_emphasis_is_still_found(self):
        self.assertIn("<em>a</em>", mistune.html("*a*"))
        self.assertIn("<strong>a b</strong>", mistune.html("**a b**"))
        self.assertIn("<em>a*b</em>", mistune.html("*a\\*b*"))
        self.assertIn("<em>a\\b</em>", mistune.html("*a\\\\b*"))


if __name__ == "__main__":
    unittest.main()
