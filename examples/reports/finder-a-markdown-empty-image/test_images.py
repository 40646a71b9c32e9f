"""Images inside images render, whether or not they have a description."""

import unittest

from markdown_it import MarkdownIt


class Images(unittest.TestCase):
    def test_an_empty_image_inside_another_renders(self):
        self.assertIn('<img src="" alt=""', MarkdownIt().render("![![]()]()"))

    def test_words_of_inner_images_are_kept(self):
        self.assertIn('alt="a picture"', MarkdownIt().render("![a ![picture](b.png)](a.png)"))


if __name__ == "__main__":
    unittest.main()
