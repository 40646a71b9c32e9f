"""The bytes after a chunk's data are compared with CR LF, also when they arrive one by one."""

import unittest

import h11

HEAD = b"POST /in HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"


def events(*pieces):
    connection = h11.Connection(h11.SERVER)
    seen = []
    for piece in pieces:
        connection.receive_data(piece)
        while True:
            event = connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                break
            seen.append(type(event).__name__)
    return seen


class ChunkEnd(unittest.TestCase):
    def test_other_bytes_are_refused(self):
        with self.assertRaises(h11.RemoteProtocolError):
            events(HEAD + b"3\r\nabcXX0\r\n\r\n")

    def test_other_bytes_are_refused_when_they_come_singly(self):
        with self.assertRaises(h11.RemoteProtocolError):
            events(HEAD + b"3\r\nabc\r", b"X", b"0\r\n\r\n")

    def test_a_proper_end_passes_in_one_piece_and_in_two(self):
        self.assertEqual(events(HEAD + b"3\r\nabc\r\n0\r\n\r\n"), ["Request", "Data", "EndOfMessage"])
        self.assertEqual(events(HEAD + b"3\r\nabc\r", b"\n0\r\n\r\n"), ["Request", "Data", "EndOfMessage"])


if __name__ == "__main__":
    unittest.main()
