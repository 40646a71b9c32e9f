import signal

from pypdf.generic import ContentStream, DecodedStreamObject

signal.alarm(10)


def operators(text):
    stream = DecodedStreamObject()
    stream.set_data(text)
    return [operator for _, operator in ContentStream(stream, None).operations]


assert operators(b"q % no end") == [b"q"]
assert operators(b"q % an end\nQ") == [b"q", b"Q"]
