import contextlib
import io
import pathlib
import tempfile
import unittest

from markdown_it.cli.parse import convert_file


def converted(data):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "note.md")
        path.write_bytes(data)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            convert_file(str(path))
        return out.getvalue()


class Bytes(unittest.TestCase):
    def test_a_file_that_is_not_utf8_is_converted_all_the_same(self):
        self.assertIn("caf", converted(b"caf\xe9\n"))

    def test_a_file_that_is_utf8_keeps_its_letters(self):
        self.assertIn("caf\u00e9", converted("caf\u00e9\n".encode()))


if __name__ == "__main__":
    unittest.main()
