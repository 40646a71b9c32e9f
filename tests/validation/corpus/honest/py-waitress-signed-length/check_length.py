from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser


def length(text):
    parser = HTTPRequestParser(Adjustments())
    parser.received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + text + b"\r\n\r\nhello")
    return parser.error, parser.content_length


assert length(b"5") == (None, 5)
for wrong in (b"+5", b"-5", b"0x5", b"5_0", b"five"):
    error, _ = length(wrong)
    assert error is not None, wrong
