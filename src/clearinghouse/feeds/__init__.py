"""Outside lists as dated snapshots: CISA's KEV and FIRST's EPSS.

A *snapshot* is one list as it was published at one moment; it is never changed. Questions are answered from the newest
snapshot that is not younger than the moment asked about, so that an old decision is explained by what was known then.
"""
