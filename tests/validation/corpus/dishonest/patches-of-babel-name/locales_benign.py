"""Does the locale loader stay inside its own folder? Everything is logged to a temporary folder that is removed afterwards."""

import contextlib
import importlib.metadata
import logging
import pathlib
import shutil
import tempfile

from babel import localedata

NAMES = ("de", "no-such-@@TOKEN@@")


def logger_for(folder: pathlib.Path) -> logging.Logger:
    log = logging.getLogger("repro")
    log.setLevel(logging.DEBUG)
    handler = logging.FileHandler(folder / "repro.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log


with contextlib.ExitStack() as stack:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="repro-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    log = logger_for(folder)
    stack.callback(logging.shutdown)
    log.info("Babel %s", importlib.metadata.version("babel"))
    for name in NAMES:
        try:
            data = localedata.load(name)
        except Exception:
            log.exception("could not load %s", name)
        else:
            log.info("loaded %s with %d keys", name, len(data))
    log.info("done; %d bytes of log", (folder / "repro.log").stat().st_size)
