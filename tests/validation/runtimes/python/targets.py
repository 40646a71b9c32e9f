"""Small targets with one flaw each, written for these tests."""

FLAWED = {
    "pkg/__init__.py": """
import asyncio
import contextlib
import functools
import io
import json
import os
import re
import subprocess
import threading
import urllib.request
import zipfile
from os import path, system
from subprocess import run as start

from .deep import Node, parse_nested
from dep import through

__version__ = "1.2"
LIMIT = 5


def shell(text):
    return os.system("true " + text)


def evaluate(text):
    return eval(text)


def popen(text):
    return subprocess.run(["true", text], stdout=subprocess.PIPE).returncode


def spawn(text):
    return os.spawnvp(os.P_WAIT, "true", ["true", text])


def fork_and_exec(text):
    child = os.fork()
    if child == 0:
        os.execvp("true", ["true", text])
    os.waitpid(child, 0)


def extract(data, folder="out"):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            place = os.path.join(folder, name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as out:
                out.write(archive.read(name))


def read(name):
    with open(os.path.join("pages", name)) as page:
        return page.read()


def fetch(address):
    try:
        urllib.request.urlopen(address, timeout=1)
    except OSError:
        return "down"


def in_thread(text):
    worker = threading.Thread(target=os.system, args=("true " + text,))
    worker.start()
    worker.join()


async def later(text):
    await asyncio.sleep(0)
    return os.system("true " + text)


def numbers(count):
    for one in range(count):
        yield one


def apply(function, value):
    return function(value)


def through_dependency(text):
    return through(text)


def check(token):
    if token == "bad":
        raise ValueError("bad token")
    return {"user": token}


def echo(value):
    return value


def maker():
    return os.system


class Renderer:
    def __init__(self, source, strict=True):
        self.source = source
        self.strict = strict

    def render(self, **values):
        code = "def root(values):\\n    return " + self.source
        space = {"os": os}
        exec(compile(code, "<template>", "exec"), space)
        return space["root"](values)

    @property
    def text(self):
        return self.source

    @classmethod
    def default(cls, source):
        return cls(source)

    @staticmethod
    def plain(text):
        return os.system("true " + text)


default = Renderer("1")


def traced(function):
    @functools.wraps(function)
    def inner(*args, **named):
        return function(*args, **named)
    return inner


@traced
def wrapped(text):
    return os.system("true " + text)


@traced
def wrapped_too(text):
    return text


partly = functools.partial(shell)
""",
    "pkg/deep.py": """
class Node:
    def __init__(self, inner):
        self.inner = inner


def parse_nested(text, at=0):
    if at < len(text) and text[at] == "[":
        return Node(parse_nested(text, at + 1))
    return None


def _private(text):
    return text
""",
    "pkg/cost.py": """
KEPT = {}


def quadratic(text):
    found = 0
    for one in text:
        found += text.count(one) % 7
    return found


def linear(text):
    return sum(map(ord, text))


def forever(text):
    while text:
        pass


def remembered(text):
    if text not in KEPT:
        KEPT[text] = quadratic(text)
    return KEPT[text]
""",
    "pkg/native.py": """
import ctypes
import os
import signal


def fault(address):
    return ctypes.string_at(address)


def sent(number):
    os.kill(os.getpid(), number)
    return "alive"


def stop():
    os.abort()


def copy(source, goal):
    libc = ctypes.CDLL(None)
    handle = libc.creat(goal.encode(), 0o644)
    libc.close(handle)


def peek(source):
    libc = ctypes.CDLL(None)
    handle = libc.open(source.encode(), 0)
    libc.read(handle, ctypes.create_string_buffer(10), 10)
    libc.close(handle)
""",
    "pkg/untar.py": """
import io
import tarfile


def everything(data):
    archive = tarfile.open(fileobj=io.BytesIO(data))
    trust = {"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}
    archive.extractall(".", **trust)
    open("link/new", "w").close()
""",
    "pkg/tool.py": """
import os
import sys


def main():
    with open(sys.argv[1]) as source:
        os.system("true " + source.read())
    sys.exit(0)


if __name__ == "__main__":
    main()
""",
}

DEPENDENCY = {
    "dep.py": """
import os


def through(text):
    return os.system("true " + text)
""",
}
