"""The audit events that are acts, and what in them must be ours for the act to be a witness."""

from __future__ import annotations

COMMAND = "command-execution"
FILE_READ = "file-read"
FILE_WRITE = "file-write"
NETWORK = "network"

COMMANDS = {
    "subprocess.Popen": (0, 1),
    "os.system": (0,),
    "os.exec": (0, 1),
    "os.posix_spawn": (0, 1),
    "os.spawn": (1, 2),
    "pty.spawn": (0,),
}
"""Event → the arguments in which our token makes it a command execution (the environment is none)."""

HOSTS = {
    "ftplib.connect": 1,
    "http.client.connect": 1,
    "imaplib.open": 1,
    "nntplib.connect": 1,
    "poplib.connect": 1,
    "smtplib.connect": 1,
    "socket.connect": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyaddr": 0,
    "socket.gethostbyname": 0,
    "socket.sendmsg": 1,
    "socket.sendto": 1,
    "telnetlib.Telnet.open": 1,
}
"""Event → the argument that is a host name, or an address that begins with one."""

ADDRESSES = {"urllib.Request": 0, "webbrowser.open": 0}
"""Event → the argument that is a URL; our token must stand in its host."""

PATHS = {
    "os.chmod": ((FILE_WRITE, 0),),
    "os.chown": ((FILE_WRITE, 0),),
    "os.link": ((FILE_WRITE, 1),),
    "os.listdir": ((FILE_READ, 0),),
    "os.mkdir": ((FILE_WRITE, 0),),
    "os.remove": ((FILE_WRITE, 0),),
    "os.rename": ((FILE_WRITE, 0), (FILE_WRITE, 1)),
    "os.rmdir": ((FILE_WRITE, 0),),
    "os.scandir": ((FILE_READ, 0),),
    "os.symlink": ((FILE_WRITE, 1),),
    "os.truncate": ((FILE_WRITE, 0),),
    "os.utime": ((FILE_WRITE, 0),),
    "shutil.chown": ((FILE_WRITE, 0),),
    "shutil.copyfile": ((FILE_READ, 0), (FILE_WRITE, 1)),
    "shutil.copymode": ((FILE_WRITE, 1),),
    "shutil.copystat": ((FILE_WRITE, 1),),
    "shutil.copytree": ((FILE_READ, 0), (FILE_WRITE, 1)),
    "shutil.move": ((FILE_WRITE, 0), (FILE_WRITE, 1)),
    "shutil.rmtree": ((FILE_WRITE, 0),),
    "sqlite3.connect": ((FILE_WRITE, 0),),
}
"""Event → (detector, argument that is a path); ``open`` is told apart by its flags."""

FOLLOWED = frozenset(
    ["open", "os.chmod", "os.chown", "os.listdir", "os.scandir", "os.truncate", "os.utime", "sqlite3.connect"]
)
"""Events that follow a link in the last part of a path."""

STARTS = ("_thread.start_new_thread", "_thread.start_joinable_thread")
FORKS = ("os.fork", "os.forkpty")
SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill")

TAMPERING = frozenset(
    [
        "code.__new__",
        "cpython._PySys_ClearAuditHooks",
        "ctypes.addressof",
        "ctypes.call_function",
        "ctypes.cdata",
        "ctypes.cdata/buffer",
        "ctypes.dlopen",
        "ctypes.dlsym",
        "ctypes.dlsym/handle",
        "ctypes.string_at",
        "ctypes.wstring_at",
        "function.__new__",
        "gc.get_objects",
        "gc.get_referents",
        "gc.get_referrers",
        "object.__delattr__",
        "object.__setattr__",
        "sys._current_exceptions",
        "sys._current_frames",
        "sys.addaudithook",
        "sys.monitoring.register_callback",
        "sys.remote_exec",
        "sys.setprofile",
        "sys.settrace",
        "sys.unraisablehook",
    ]
)
"""Events that no honest program raises by itself; they count when the direct caller is the finder's."""


def opened_for(flags: object) -> str:
    """Return the detector that an ``open`` with these flags concerns."""
    if type(flags) is int and flags & (0x3 | 0x40 | 0x200):  # write modes, O_CREAT, O_TRUNC
        return FILE_WRITE
    return FILE_READ


def opened_as(flags: object) -> str:
    """Return the name of an ``open`` with these flags; a place that is opened without its content has one of its own.

    The observer outside does not look at those: folders are opened to be listed all the time.
    """
    return "open-folder" if type(flags) is int and flags & (0x10000 | 0x200000) else "open"  # O_DIRECTORY, O_PATH


def text_in(value: object, depth: int = 0) -> str:
    """Return all text in an argument, joined by blanks; exact types and their own copies only.

    No method of the value's own class is called: it may be the finder's.
    """
    kind = type(value)
    if kind is str:
        return value
    if kind is bytes:
        return value.decode("utf-8", "replace")
    if depth < 4 and kind in (list, tuple):
        return " ".join([text_in(one, depth + 1) for one in value])
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, (bytes, bytearray)):
        return (
            bytes.decode(bytearray.__getitem__(value, slice(None)), "utf-8", "replace")
            if issubclass(kind, bytearray)
            else bytes.__getitem__(value, slice(None)).decode("utf-8", "replace")
        )
    return ""


def host_in(address: str) -> str:
    """Return the host part of a URL."""
    rest = address.partition("//")[2] or address
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2]
