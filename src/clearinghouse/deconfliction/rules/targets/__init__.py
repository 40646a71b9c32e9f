"""What can be scanned, in five kinds: each with an exact test whether two of them meet, and cells for the index."""
