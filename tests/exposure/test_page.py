"""The answer as a page: everything foreign is escaped, nothing is loaded."""

from clearinghouse.exposure.page import page
from clearinghouse.exposure.queries import Inventory
from clearinghouse.exposure.rules import exposed
from clearinghouse.standards.component import Component
from tests.exposure.results import case, component

HOSTILE = '<script>alert("x")</script>'


def test_foreign_text_cannot_become_markup() -> None:
    hostile = case("pkg:pypi/pyyaml", ("0", "5.4"), title=HOSTILE, workarounds=(HOSTILE,), clock=HOSTILE, band=HOSTILE)
    components = (component("pkg:pypi/pyyaml@5.3", place=HOSTILE), Component(HOSTILE, HOSTILE, None))
    written = page(exposed(components, [hostile]), Inventory(components, (HOSTILE,)))
    assert "<script" not in written
    assert written.count("&lt;script&gt;") >= 5


def test_the_page_stands_alone_and_says_what_to_do() -> None:
    components = (component("pkg:pypi/pyyaml@5.3"), component("pkg:pypi/pyyaml"))
    written = page(exposed(components, [case("pkg:pypi/pyyaml", ("0", "5.4"))]), Inventory(components))
    assert "default-src &#39;none&#39;" in written or "default-src 'none'" in written
    assert "http" not in written.replace("http-equiv", "")
    assert "Install pyyaml 5.4 or newer." in written
    assert "may be affected" in written


def test_a_page_without_anything_touched_says_so() -> None:
    assert "None of your packages" in page((), Inventory(()))
