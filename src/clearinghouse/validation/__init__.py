"""Validation: runs proofs of vulnerability with controls, and judges what was seen.

A *run* is one start of a proof in a fresh sandbox on one *variant* of the target; a *control* is a variant on which
the proof must behave in a known way; a *judgement* is what follows. Source of the controls and grades:
``docs/guide/how-we-judge.md``.
"""
