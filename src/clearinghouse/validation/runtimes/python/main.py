"""The entry of the python runner: ``python -I -B -S /runner/main.py <brief fd> <records fd>``.

It is mounted read-only beside the proof and executes one proof. Nothing here is imported by the clearinghouse.
The frame of this file is the only one that lies below a finder's program, so nothing may be reachable from it.
"""

import sys


def _prepare():  # noqa: ANN202 - annotations would cost an import before the runner is set up
    """Load the runner under a name of its own and return what is to be run."""
    package = type(sys)("_clearing")
    package.__path__ = [__file__.rpartition("/")[0]]
    sys.modules["_clearing"] = package
    from _clearing import start

    return start.prepare(int(sys.argv[1]), int(sys.argv[2]))


_prepare()()
