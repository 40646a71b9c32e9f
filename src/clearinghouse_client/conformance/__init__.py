"""What a server of deconfliction, ours or another, must do: checks over HTTP alone, each with the rule that it tests.

The rules are numbered once and for all; a number is never used again. Source of the manner: interuss/monitoring.
"""
