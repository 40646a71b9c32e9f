"""EXPECTED: time does not depend on the number of groups; addresses of two to eight groups are accepted."""

import time
import unittest

from oauthlib.uri_validate import is_absolute_uri, is_uri


class Groups(unittest.TestCase):
    def test_many_groups_take_no_longer_than_few(self):
        start = time.process_time()
        self.assertIsNone(is_uri("custom://[" + "0:" * 26 + "/cb"))
        self.assertLess(time.process_time() - start, 0.25)

    def test_addresses_are_accepted(self):
        for address in ("::1", "fe80::1", "2001:db8:0:0:0:0:0:1"):
            self.assertIsNotNone(is_absolute_uri("http://[" + address + "]/cb"), address)


if __name__ == "__main__":
    unittest.main()
