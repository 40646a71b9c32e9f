"""Organizations, the people who act for them, invitations and tokens; turns a sign-in or a token into an Actor.

On the embedded default there is also one local organization with one local actor, who never signs in.
"""
