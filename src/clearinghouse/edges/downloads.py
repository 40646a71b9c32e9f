"""Files on their way out: always attachments, always of a type that no browser acts upon."""

from django.http import HttpResponse

FIXED = {".json": "application/json", ".tar": "application/x-tar"}


def download(data: bytes, *, name: str, content_type: str = "application/octet-stream") -> HttpResponse:
    """Return ``data`` as an attachment; its name is reduced to letters that no header and no file system acts upon."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in name).lstrip(".")
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{plain[-120:] or "file"}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
