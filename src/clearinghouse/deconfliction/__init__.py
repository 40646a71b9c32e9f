"""Who scans what, when: intents, owners' constraints and authorisations, coverage; nobody scans unawares.

An **intent** is an announced scan: targets, technique, window, contact. It **meets** another where targets and windows
have something in common. Whoever announces one hands in the **version keys** of all that it meets: the proof of having
seen them. Source: by analogy with ASTM F3548-21 (strategic coordination of flights) and the InterUSS DSS.
"""
