"""Decode signatures as they come, one after the other."""

from dataclasses import dataclass

import ecdsa.util as wire


@dataclass(frozen=True)
class Received:
    data: bytes
    order: int

    def decode(self):
        return wire.sigdecode_der(self.data, self.order)


def received():
    yield Received(b"\x30\x06\x02\x01\x05\x02\x01\x07", 97)
    yield Received(b"\x30", 97)


for each in received():
    print(each.decode())
