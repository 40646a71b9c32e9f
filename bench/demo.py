"""How long ``script/demo`` takes: with releases cached and all judged anew, or from nothing."""

import shutil
import subprocess
import time
from pathlib import Path

from bench.clearings import REPOSITORY, WORK
from bench.options import Options

WARM_SECONDS = 8 * 60
COLD_SECONDS = 15 * 60


def main(options: Options) -> int:
    """Print the seconds of one demo; more than the goal fails."""
    if options.cold:
        seconds, goal, what = _seconds(_fresh_clone(), *_empty_caches()), COLD_SECONDS, "from nothing"
    else:
        seconds, goal, what = _seconds(REPOSITORY), WARM_SECONDS, "releases cached, all judged anew"
    print(f"script/demo, {what}: {seconds:.0f} s (goal {goal} s)")
    return 1 if seconds > goal else 0


def _fresh_clone() -> Path:
    """Return a new clone of the last commit: no environment, no output."""
    clone = WORK / "cold" / "clone"
    shutil.rmtree(WORK / "cold", ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)  # noqa: S607
    return clone


def _empty_caches() -> tuple[str, ...]:
    """Return the settings that put every cache into a folder that does not exist yet."""
    names = {
        "CLEARINGHOUSE_CACHE": "cache",
        "CLEARINGHOUSE_HOME": "home",
        "UV_CACHE_DIR": "uv",
        "PIP_CACHE_DIR": "pip",
        "npm_config_cache": "npm",
    }
    return tuple(f"{name}={WORK / 'cold' / folder}" for name, folder in names.items())


def _seconds(repository: Path, *settings: str) -> float:
    """Return how long the demo of a checkout takes.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    argv = ["/usr/bin/env", *settings, str(repository / "script" / "demo"), "--anew"]
    ended = subprocess.run(argv, cwd=repository, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"script/demo ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return time.monotonic() - began
