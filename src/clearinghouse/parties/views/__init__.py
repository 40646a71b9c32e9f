"""The portal door of parties, by subject."""
