"""Runs a program and writes down, at once, each line of the target that is run: ``path:line``, once each.

``cover.py OUT ROOT KIND NAME ARGUMENT…``; KIND is ``script`` or ``module``. Mounted beside the runner, never imported.
Written at once, because a target may end its process in any way it likes.
"""

import os
import sys


def _watch(out, root):
    """Write the lines of files below ``root`` to ``out`` from now on."""
    os.makedirs(os.path.dirname(out), exist_ok=True)
    place = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    write, length = os.write, len(root)
    known = set()

    def note(path, line):
        if path.startswith(root) and (path, line) not in known:
            known.add((path, line))
            write(place, ("%s:%d\n" % (path[length:], line)).encode("utf-8", "surrogateescape"))

    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring
        monitoring.use_tool_id(monitoring.COVERAGE_ID, "cover")

        def on_line(code, line):
            note(code.co_filename, line)
            return monitoring.DISABLE

        monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, on_line)
        monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)
        return

    def in_frame(frame, event, _):
        if event == "line":
            note(frame.f_code.co_filename, frame.f_lineno)
        return in_frame

    def on_call(frame, _event, _):
        return in_frame if frame.f_code.co_filename.startswith(root) else None

    import threading

    threading.settrace(on_call)
    sys.settrace(on_call)


def _main():
    """Start the watch and run what is to be run, as the interpreter would by itself."""
    out, root, kind, name = sys.argv[1:5]
    sys.argv = [name, *sys.argv[5:]]
    if kind == "module":
        import runpy

        sys.path[0] = os.getcwd()
        _watch(out, root)
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    if not sys.flags.isolated:
        sys.path[0] = os.path.dirname(os.path.abspath(name))
    with open(name, "rb") as file:
        code = compile(file.read(), name, "exec")
    main = type(sys)("__main__")
    main.__file__ = name
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    _watch(out, root)
    exec(code, main.__dict__)


_main()
