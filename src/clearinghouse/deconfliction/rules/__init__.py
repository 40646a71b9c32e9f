"""What is true of scans and targets: no database, no clock."""
