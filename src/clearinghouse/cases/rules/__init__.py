"""What is true of cases: joins, order, embargo, lifecycle. Pure."""
