"""Statements nested beyond reason end in the library's own exception; ordinary ones still parse."""

import unittest

import sqlparse
from sqlparse.exceptions import SQLParseError


def nested(depth):
    return "select " + "(" * depth + "1" + ")" * depth


class NestingDepth(unittest.TestCase):
    def test_excessive_nesting_is_refused_as_a_parse_error(self):
        with self.assertRaises(SQLParseError):
            sqlparse.parse(nested(1000))

    def test_ordinary_nesting_still_parses(self):
        self.assertEqual(str(sqlparse.parse(nested(20))[0]), nested(20))


if __name__ == "__main__":
    unittest.main()
