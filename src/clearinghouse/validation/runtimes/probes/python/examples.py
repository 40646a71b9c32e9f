"""Runs the examples in the docstrings of modules: ``examples.py MODULE…`` prints ``HOLDS name`` for each that holds."""

import doctest
import importlib
import io
import sys

for _name in sys.argv[1:]:
    try:
        _module = importlib.import_module(_name)
        _found = doctest.DocTestFinder(exclude_empty=True).find(_module, _name)
    except BaseException:
        continue
    for _test in _found:
        _out, sys.stdout = sys.stdout, io.StringIO()
        try:
            _ended = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(
                _test, out=lambda _text: None
            )
        except BaseException:
            _ended = None
        finally:
            sys.stdout = _out
        if _ended is not None and _test.examples and not _ended.failed:
            print("HOLDS " + _test.name)
