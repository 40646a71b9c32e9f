"""An unfinished IPv6 literal is turned down at once; a proper one is still accepted."""

import time
import unittest

from oauthlib.uri_validate import is_absolute_uri


class Ipv6Literal(unittest.TestCase):
    def test_unfinished_literal_is_turned_down_at_once(self):
        start = time.process_time()
        self.assertFalse(is_absolute_uri("http://[" + ":" * 26))
        self.assertLess(time.process_time() - start, 0.25)

    def test_proper_literal_is_accepted(self):
        self.assertTrue(is_absolute_uri("http://[2001:db8::1]/back"))

    def test_host_name_is_accepted(self):
        self.assertTrue(is_absolute_uri("https://client.example/back?x=1"))


if __name__ == "__main__":
    unittest.main()
