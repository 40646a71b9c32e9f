"""The report format, version 1: ``clearinghouse/report/1``, split by subject: who, what, proof, fix.

``loading.load_report`` is the way in; ``model.Report`` is what comes out; ``calls.Calls`` is the document of calls that
a proof of kind ``calls`` names. Guide: ``docs/guide/report-format.md``.
"""
