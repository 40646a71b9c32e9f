"""What is done about scans: every write, with its entry in the ledger."""
