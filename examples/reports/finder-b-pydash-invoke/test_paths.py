import unittest

import pydash


class Thing:
    def __init__(self):
        self.name = "thing"

    def greet(self, who):
        return "hello " + who


class Paths(unittest.TestCase):
    def test_double_underscore_attributes_are_out_of_reach(self):
        self.assertIsNone(pydash.get(Thing(), "__init__.__globals__.unittest"))

    def test_ordinary_attributes_and_methods_are_reached(self):
        self.assertEqual(pydash.get(Thing(), "name"), "thing")
        self.assertEqual(pydash.invoke({"a": [Thing()]}, "a[0].greet", "you"), "hello you")


if __name__ == "__main__":
    unittest.main()
