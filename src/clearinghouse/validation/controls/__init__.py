"""The controls a proof must pass, as a pure plan: which runs, in which order, and what follows from them."""
