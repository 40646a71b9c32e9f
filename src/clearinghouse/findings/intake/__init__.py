"""Foreign documents: SARIF, OSV, CycloneDX VDR, intake Markdown and TAP reports, each read into the same report.

What a document is, is told by its content. A document that says less than our format becomes a claim that says less; a
document that cannot be read safely, or does not say what it is about, is refused with the reason. Guide:
``docs/guide/intake.md``.
"""
