"""Package urls of the two ecosystems whose releases we run."""

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl as purls
from clearinghouse.standards.purl import Purl

PYPI = "pypi"
NPM = "npm"


def package_of(purl: str) -> Purl:
    """Return the package url that ``purl`` writes.

    Raises:
        Malformed: it is no package url, or of another ecosystem.
    """
    package = purls.parse(purl)
    if package.type not in {PYPI, NPM}:
        raise Malformed(f"{purl!r} is neither of PyPI nor of npm; those are the ecosystems whose releases can be run")
    return package


def purl_of(ecosystem: str, name: str) -> str:
    """Return the canonical package url of a package as its index names it, without version."""
    namespace, _, last = name.rpartition("/")
    return purls.build(ecosystem, last, namespace=namespace).package
