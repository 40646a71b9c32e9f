"""The process that reads one submission: started by ``apart.py`` with a folder, and ended when it has read it."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from clearinghouse.errors import Refused
from clearinghouse.findings.intake.apart import REFUSAL, TOO_COSTLY, limit_oneself, write_down
from clearinghouse.findings.intake.reading import read_bytes


def main(place: Path) -> None:
    """Read what lies in the folder, and write down what it claims or why it is refused."""
    limit_oneself()
    out = place / "out"
    try:
        data = (place / "handed").read_bytes()
        about = json.loads((place / "about.json").read_bytes())
        write_down(out, read_bytes(data, name=about["name"], target=about["target"]), data)
    except Refused as refusal:
        problems = [asdict(one) for one in refusal.problems]
        (out / REFUSAL).write_text(json.dumps(problems), encoding="utf-8")
    except (MemoryError, RecursionError):
        os._exit(TOO_COSTLY)  # whatever else is held may need memory to be let go


if __name__ == "__main__":
    main(Path(sys.argv[1]))
