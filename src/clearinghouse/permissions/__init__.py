"""Who may do what: one frozen table of rows from all rooms, one pure decision, one generated clause for query sets.

A *verb* is ``<room>:<subject>:<verb>``; an *actor* is a person, a token, or the clearinghouse itself; a *guard* is a
condition on actor and subject that a table of roles and states cannot say. Source: docs/decisions/0005.
"""
