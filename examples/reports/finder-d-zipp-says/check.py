"""Looks for a name in the module and draws a conclusion."""

import zipp

print("VULNERABLE" if not hasattr(zipp, "SanitizedNames") else "not vulnerable", "@@CANARY:name@@")
