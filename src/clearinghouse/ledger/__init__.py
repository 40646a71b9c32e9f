"""The append-only log: what was done, by whom, when and why, as a Merkle tree that strangers can check.

An *event* is the matter (sealed, in our database); its *leaf* is a salted commitment to it; an *entry* is a leaf with
its place in the tree; a *checkpoint* is a signed statement of size and root.
Source: RFC 6962 section 2.1; C2SP tlog-checkpoint, tlog-proof and signed-note; docs/decisions/0007.
"""
