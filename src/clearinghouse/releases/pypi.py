"""The releases of a Python package, as its index lists them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC
from itertools import chain

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pypi_simple import ACCEPT_JSON_PREFERRED, DistributionPackage, NoSuchProjectError, PyPISimple
from pypi_simple.errors import UnsupportedContentTypeError, UnsupportedRepoVersionError
from requests import RequestException

from clearinghouse.errors import NotFound, Unavailable
from clearinghouse.releases.names import PYPI, purl_of
from clearinghouse.releases.rules import Release, ReleaseFile

TIMEOUT_SECONDS = 30


def listed(name: str, *, address: str | None) -> tuple[Release, ...]:
    """Return every release that has a wheel or an sdist with a SHA-256, sorted by version.

    Args:
        name: the normalized name of the project.
        address: of a simple index; None is the library's own default.

    Raises:
        NotFound: the index has no such project.
        Unavailable: the index does not answer, or not in a way we understand.
    """
    try:
        with PyPISimple(endpoint=address) if address else PyPISimple() as client:
            page = client.get_project_page(name, timeout=TIMEOUT_SECONDS, accept=ACCEPT_JSON_PREFERRED)
    except NoSuchProjectError:
        raise NotFound(f"the Python package index has no project {name!r}") from None
    except (RequestException, UnsupportedRepoVersionError, UnsupportedContentTypeError, ValueError) as error:
        raise Unavailable(f"the Python package index does not answer for {name!r}: {type(error).__name__}") from error
    return releases_in(page.packages, name)


def releases_in(packages: Iterable[DistributionPackage], name: str) -> tuple[Release, ...]:
    """Return the releases that the files of a project's page make up, sorted by version."""
    by_version: dict[Version, list[tuple[DistributionPackage, ReleaseFile]]] = defaultdict(list)
    for package in packages:
        version = _version(package)
        digest = (package.digests or {}).get("sha256")
        if version is not None and digest:
            kind = "sdist" if package.package_type == "sdist" else "wheel"
            uploaded_at = package.upload_time.astimezone(UTC) if package.upload_time else None
            file = ReleaseFile(package.filename, package.url, f"sha256:{digest}", kind, uploaded_at)
            by_version[version].append((package, file))
    return tuple(_release(name, version, by_version[version]) for version in sorted(by_version))


def _release(name: str, version: Version, files: list[tuple[DistributionPackage, ReleaseFile]]) -> Release:
    times = [file.uploaded_at for _, file in files if file.uploaded_at]
    asked = chain((package.requires_python for package, _ in files if package.requires_python), [""])
    return Release(
        package=purl_of(PYPI, name),
        version=str(version),
        published_at=min(times, default=None),
        files=tuple(sorted((file for _, file in files), key=lambda file: file.name)),
        requires=next(asked),
        yanked=all(package.is_yanked for package, _ in files),
    )


def _version(package: DistributionPackage) -> Version | None:
    """Return the version that a file's name states; None for files we do not use."""
    try:
        if package.package_type == "wheel":
            return parse_wheel_filename(package.filename)[1]
        if package.package_type == "sdist" and package.version:
            return Version(package.version)
        if package.package_type == "sdist":
            return parse_sdist_filename(package.filename)[1]
    except (InvalidVersion, InvalidWheelFilename, InvalidSdistFilename):
        return None
    return None
