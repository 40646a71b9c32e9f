"""Archive bytes for ``$zip`` and ``$tar``, built by us so that a proof needs no binary file."""

from __future__ import annotations


def zipped(values: object, inner: object) -> bytes:
    """Return the bytes of a zip archive with the given entries, in order."""
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, kind, content in _entries(values, inner):
            entry = zipfile.ZipInfo(name)
            entry.filename = name  # ZipInfo would cut at NUL and turn other separators
            entry.external_attr = (0o120777 if kind == "$symlink" else 0o100644) << 16
            archive.writestr(entry, content)
    return made.getvalue()


def tarred(values: object, inner: object) -> bytes:
    """Return the bytes of a tar archive with the given entries, in order."""
    import io
    import tarfile

    kinds = {"$symlink": tarfile.SYMTYPE, "$hardlink": tarfile.LNKTYPE}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, kind, content in _entries(values, inner):
            entry = tarfile.TarInfo(name)
            if kind:
                entry.type = kinds[kind]
                entry.linkname = content.decode("utf-8", "surrogateescape")
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def _entries(values: object, inner: object) -> list:
    """Return (name, kind, content); ``{$symlink: VALUE}`` and ``{$hardlink: VALUE}`` make links."""
    found = []
    for name, content in inner.items() if type(inner) is dict else inner:
        kind = ""
        if type(content) is dict and len(content) == 1 and next(iter(content)) in ("$symlink", "$hardlink"):
            kind, content = next(iter(content.items()))  # noqa: PLW2901
        found.append((values.text(name), kind, values.data(content)))
    return found
