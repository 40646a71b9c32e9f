"""Cases: which reports speak of the same flaw, in what order they are worked on, and how long silence is kept.

A *case* gathers the validated findings that share one root cause and one fix. A *join* puts a finding into a case, with
its reason and evidence, and can be undone; an undone join is remembered. A *link* says that two findings may belong
together, no more. A *band* (INCIDENT, URGENT, STANDARD, NEEDS-INFO) says how soon a case is worked on; ordered
tie-breaks, never a score, put the cases of a band in order. Source: Akrites SIRT report prioritisation and duplicates;
docs/decisions/0051, 0052.
"""
