"""Attempts to talk to somebody outside. Each server is ours and lies in a network of its own; it tells whom it met."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from tests.sandbox.escapes.table import Attempt, Scene, Side, a_process, by_word

MEETS = """
import socket,sys,os
family, kind, address = (int(sys.argv[1]), int(sys.argv[2]), eval(sys.argv[3]))
s = socket.socket(family, kind, int(sys.argv[4]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(address)
if kind in (1, 5): s.listen()
if family == 1 and address[0] == '/': os.chmod(address, 0o777)
sys.stdout.write('up\\n'); sys.stdout.flush()
while True:
    if kind in (1, 5):
        with s.accept()[0] as one: said = one.recv(999)
    else:
        said = s.recv(999)
    sys.stdout.write(said.hex() + '\\n'); sys.stdout.flush()
"""
TALKS = """
import socket,sys
s = socket.socket(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4]))
s.settimeout(3)
address = eval(sys.argv[3])
if s.type == socket.SOCK_DGRAM: s.sendto(sys.argv[5].encode(), address)
elif s.type == socket.SOCK_RAW: s.bind(address); s.send(b'\\0' * 12 + b'\\x12\\x34' + sys.argv[5].encode() + b'.' * 64)
else: s.connect(address); s.send(sys.argv[5].encode())
"""
INET, UNIX, PACKET = 2, 1, 17
STREAM, DATAGRAM, RAW = 1, 2, 3
EVERY_PROTOCOL = 0x0300


@contextmanager
def met(side: Side, *, family: int, kind: int, address: Callable[[Side], object], protocol: int = 0) -> Iterator[Scene]:
    """Set up a server of ours that says what it was told."""
    where = (str(family), str(kind), repr(address(side)), str(protocol))
    with a_process(MEETS, *where) as server:

        def was_met(said: bytes) -> bool:
            del said
            server.kill()  # what it was told lies in its pipe
            assert server.stdout is not None
            return side.token.encode().hex().encode() in server.stdout.read()

        yield Scene((*where, side.token), was_met)


@contextmanager
def a_digest(side: Side) -> Iterator[Scene]:
    wanted = hashlib.sha256(side.token.encode()).hexdigest().encode()
    yield Scene((side.token,), lambda said: wanted in said)


def to(family: int, kind: int, address: object, protocol: int = 0) -> Callable[[Side], AbstractContextManager[Scene]]:
    """Return the scene with a server at ``address``; a function makes the address, where it is the scene's own."""
    where = address if callable(address) else lambda _: address
    return partial(met, family=family, kind=kind, address=where, protocol=protocol)


def abstract(side: Side) -> str:
    return f"\0clearinghouse-{side.token}"


def in_the_folder(side: Side) -> str:
    return str(side.folder / side.token)


ATTEMPTS = (
    Attempt("reach the loopback", TALKS, to(INET, STREAM, ("127.0.0.1", 48731)), own_network=True),
    Attempt("reach an address of the Internet", TALKS, to(INET, STREAM, ("192.0.2.1", 443)), own_network=True),
    Attempt("ask a name server", TALKS, to(INET, DATAGRAM, ("192.0.2.1", 53)), own_network=True),
    Attempt("ask a cloud for its secrets", TALKS, to(INET, STREAM, ("169.254.169.254", 80)), own_network=True),
    Attempt("reach an abstract socket", TALKS, to(UNIX, STREAM, abstract)),
    Attempt("reach a socket in a folder", TALKS, to(UNIX, STREAM, in_the_folder)),
    Attempt("write a frame onto the wire", TALKS, to(PACKET, RAW, ("lo", 0), EVERY_PROTOCOL), own_network=True),
    Attempt(
        "open a line to the machine that holds this one",
        """
import socket,sys
with socket.socket(40, socket.SOCK_STREAM) as made:
    made.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY)); print('made', sys.argv[1])
""",
        by_word,
    ),
    Attempt(
        "let the kernel's ciphers work",
        """
import socket,sys
s = socket.socket(38, socket.SOCK_SEQPACKET)
s.bind(('hash', 'sha256'))
made = s.accept()[0]
made.send(sys.argv[1].encode())
print(made.recv(32).hex())
""",
        a_digest,
    ),
)
