"""The processes that a program starts: they find the target, and under the recorder write down what they call.

Each leaves what it wrote down in a file. Nobody has to trust these files, for what they propose is replayed; so the
finder may do with them, and with the environment that leads to them, what he likes.
"""

from __future__ import annotations

import posix
import sys
import types

from . import plain
from .scene import Scene

_MOST_FILES = 8
_LARGEST = 512 * 1024
_START = """import sys
package = type(sys)("_clearing")
package.__path__ = [%r]
sys.modules["_clearing"] = package
from _clearing import offspring
offspring.begin(%r)
for name in [one for one in sys.modules if one.startswith("_clearing")]:
    del sys.modules[name]
del name, package, offspring
"""


def lead(scene: Scene, target: dict) -> None:
    """Let an interpreter that the program starts find the target, and record itself where this one does."""
    places = [scene.root[:-1], scene.deps[:-1]]
    if scene.mode == "record":
        folder = _folder(scene)
        said = {"mode": "record", "token": scene.token, "target": dict(target, stdlib=scene.stdlib)}
        scene.write(folder + "/brief.json", plain.dump(said).encode("ascii"))
        start = _START % (__file__.rpartition("/")[0], scene.base)
        scene.write(folder + "/sitecustomize.py", start.encode("utf-8"))
        places.insert(0, folder)
        # multiprocessing hands its children this interpreter's flags, with which they would hear of nothing
        sys.flags = types.SimpleNamespace(**dict(_flags(), isolated=0, ignore_environment=0, no_site=0))
    name, path = b"PYTHONPATH", ":".join(places).encode("utf-8")
    posix.putenv(name, path)
    posix.environ[name] = path
    if "os" in sys.modules:
        sys.modules["os"].environ["PYTHONPATH"] = path.decode("utf-8")


def begin(base: str) -> None:
    """Begin to record in a process that the program started; it leaves its file at its first call into the target."""
    from . import recorder

    with open(base + "/recording/brief.json", "rb") as kept:
        scene = Scene(plain.load(kept.read()), base)
    recorder.Recorder(scene, _keeper(scene), elsewhere=True).watch()


def follow_forks(scene: Scene, recorder: object) -> None:
    """Let a forked child of the program leave a file of its own, too."""
    posix.register_at_fork(after_in_child=lambda: recorder.go_on(_keeper(scene)))


def _keeper(scene: Scene) -> object:
    """Return what keeps a recording in a file of this process."""
    born = "%020d" % _nanoseconds()

    def keep(record: dict) -> None:
        path = "%s/%s-%d.json" % (_folder(scene), born, posix.getpid())
        scene.write(path + ".new", plain.dump(record).encode("ascii"))
        posix.rename(path + ".new", path)

    return keep


def left(scene: Scene) -> list:
    """Return the texts of what the started processes have written down by now, the oldest first."""
    texts = []
    folder = _folder(scene)
    try:
        names = sorted(posix.listdir(folder))
    except OSError:
        return texts
    for name in names:
        path = folder + "/" + name
        found = posix.lstat(path)
        if not name.endswith(".json") or name == "brief.json" or len(texts) >= _MOST_FILES:
            continue
        if found.st_mode & 0o170000 == 0o100000 and found.st_size <= _LARGEST:
            with open(path, "rb") as kept:
                texts.append(kept.read().decode("utf-8", "replace"))
    return texts


def _flags() -> dict:
    """Return the flags of this interpreter by name."""
    named = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith("_")}
    return {name: value for name, value in named.items() if type(value) in (int, bool)}


def _folder(scene: Scene) -> str:
    """Return the folder of the recordings."""
    return scene.base + "/recording"


def _nanoseconds() -> int:
    """Return the time, by which the files are ordered."""
    from time import time_ns

    return time_ns()
