"""Organizations and who acts for them; on the embedded default, one local organization with one local actor."""
