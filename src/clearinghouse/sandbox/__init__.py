"""Sandboxes: where bytes from strangers are executed. No Django, no secrets, no network.

A *job* is one start of one program with read-only mounts and limits; a *tier* names how strong the wall is
(``gvisor`` over ``bubblewrap``; where neither works nothing is run and the refusal says how to cure it).
"""
