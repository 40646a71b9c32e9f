"""Findings: reports from people, scanners and models, taken in and checked for readiness.

A *finding* is something claimed to be wrong, not yet proven. A *report* is what a finder hands in: who found it, what
is wrong, a *proof* that can be run, and a fix. A report is *ready* when it has six elements; what is missing gets the
finder a hint, never a rejection. What cannot be read safely is *refused*, alone: every other report is still taken in.

Source of the six elements and of the phases of AI use: Akrites SIRT process documents, read 2026-11.
"""
