"""What a graft adds, and what it leaves alone."""

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.grafts import grafted

OLD = (
    b"import os\n\nclass Reader:\n    def read(self):\n        return open('x')\n\n"
    b"def run():\n    return Reader().read()\n"
)
NEW = (
    b"import os\nimport shlex\n\nLIMIT = 3\n\nclass Reader:\n    def check(self):\n        return LIMIT\n\n"
    b"    def __del__(self):\n        pass\n\n    def read(self):\n        return open('x')\n\n"
    b"def open(path):\n    return path\n\ndef run():\n    return Reader().read()\n"
)


def python_graft(*, names: bool) -> str:
    return grafted({"pkg.py": OLD}, {"pkg.py": NEW}, Runtime.PYTHON, names=names)["pkg.py"].decode()


def namespace_of(source: str) -> dict[str, object]:
    space: dict[str, object] = {"__name__": "pkg"}
    exec(source, space)  # noqa: S102 - our own text
    return space


def test_new_names_exist_and_do_nothing() -> None:
    space = namespace_of(python_graft(names=True))
    assert space["LIMIT"]() is None  # type: ignore[operator]
    assert space["shlex"]() is None  # type: ignore[operator]
    assert space["Reader"].check(None) is None  # type: ignore[attr-defined]


def test_names_with_a_meaning_of_their_own_stay_out() -> None:
    space = namespace_of(python_graft(names=True))
    assert "open" not in space
    assert "__del__" not in vars(space["Reader"])


def test_what_the_earlier_release_does_stays_as_it_was() -> None:
    grafted_names = namespace_of(python_graft(names=True))
    before = namespace_of(OLD.decode())
    run, was = grafted_names["run"], before["run"]
    assert run.__code__.co_code == was.__code__.co_code  # type: ignore[attr-defined]


def test_dead_text_adds_no_name_at_all() -> None:
    text = python_graft(names=False)
    assert set(namespace_of(text)) == set(namespace_of(OLD.decode()))
    assert "# LIMIT = 3" in text


def test_a_name_that_the_earlier_release_speaks_of_anywhere_is_not_given() -> None:
    before = {"pkg.py": OLD, "other.py": b"def find(module):\n    return getattr(module, 'LIMIT', None)\n"}
    after = {**before, "pkg.py": NEW}
    text = grafted(before, after, Runtime.PYTHON, names=True)["pkg.py"].decode()
    assert "def LIMIT" not in text


def test_a_new_module_comes_only_where_nothing_looks_for_it() -> None:
    after = {"pkg.py": OLD, "pkg_safe.py": b"def check():\n    return 1\n", "fast.py": b"x = 1\n"}
    before = {"pkg.py": OLD, "other.py": b"try:\n    import fast\nexcept ImportError:\n    fast = None\n"}
    made = grafted(before, after, Runtime.PYTHON, names=True)
    assert list(made) == ["pkg_safe.py"]
    assert namespace_of(made["pkg_safe.py"].decode())["check"]() is None  # type: ignore[operator]


def test_the_same_tree_gets_no_graft() -> None:
    assert grafted({"pkg.py": OLD}, {"pkg.py": OLD}, Runtime.PYTHON, names=True) == {}


def test_tests_and_documents_of_the_fix_are_left_out() -> None:
    after = {"pkg.py": OLD, "pkg/tests/test_new.py": b"def test_it(): pass\n"}
    assert grafted({"pkg.py": OLD}, after, Runtime.PYTHON, names=True) == {}


def test_a_comment_in_the_fix_cannot_end_the_graft_of_a_script() -> None:
    made = grafted({"a.js": b"exports.a = 1"}, {"a.js": b"exports.b = 2 /* x */\n"}, Runtime.NODE, names=True)["a.js"]
    text = made.decode()
    assert text.count("*/") == 1
    assert "'b' in module.exports" in text
