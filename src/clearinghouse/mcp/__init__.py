"""The door for AI agents: tools of the Model Context Protocol, each a call of the API with the caller's own token.

Nothing is decided here and nothing is kept: what an agent may do is what its token may do at the server. What others
wrote is told as data and named as theirs, for an agent reads it.
"""
