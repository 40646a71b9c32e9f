"""Small outside lists for tests."""

import json


def kev_list(*cves: str, version: str = "2026.08.21", released: str = "2026-08-21T12:00:00Z") -> bytes:
    """Return a KEV catalogue that lists these."""
    entries = [
        {
            "cveID": cve,
            "vendorProject": "Somebody",
            "product": "Something",
            "vulnerabilityName": "A flaw",
            "dateAdded": "2026-08-01",
            "shortDescription": "Short",
            "requiredAction": "Update",
            "dueDate": "2026-08-22",
        }
        for cve in cves
    ]
    document = {"catalogVersion": version, "dateReleased": released, "count": len(entries), "vulnerabilities": entries}
    return json.dumps(document).encode()


def epss_list(*lines: str, day: str = "2026-08-21") -> bytes:
    """Return an EPSS file with these lines."""
    head = f"#model_version:v2025.03.14,score_date:{day}T00:00:00+0000\ncve,epss,percentile\n"
    return (head + "".join(f"{line}\n" for line in lines)).encode()
