"""The portal door of cases, by subject."""
