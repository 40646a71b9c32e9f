"""The first process inside every sandbox: a small shell, and the numbers at which it finds its descriptors."""

from typing import Final

STDIN, PACKED, STATUS, STDOUT, STDERR, BRIEF, RECORDS = range(7)
"""A shell can close descriptors below ten, so a job sees its own three, its brief and its records."""

SCRIPT: Final = """
OPENING
echo up >&2
read -r go || exit 125
LIMITS || exit 124
collect=$1
shift
(exec "$@") >&3 2>&4 3>&- 4>&-
echo "ended $?" >&2
[ -z "$collect" ] || tar -C /job --hard-dereference -cf - -- "$collect" 2>/dev/null
echo over >&2
exit 0
"""
"""What the shell does. Its own input is ours (the line, then the job's stdin), its error stream tells us how the job
went, its output carries what is collected; the job's streams are two further pipes."""

UP: Final = b"up\n"
ENDED: Final = b"ended "
OVER: Final = b"\nover\n"


def first_process(*, limits: str, opening: str = ":") -> tuple[str, ...]:
    """Return the command line of the first process, to which the folder to collect and the job's own are added.

    Args:
        limits: the shell commands that set the job's limits.
        opening: the shell commands that are run before it says that it is up.
    """
    script = SCRIPT.replace("OPENING", opening).replace("LIMITS", limits)
    return ("/bin/sh", "-c", script, "sh")
