"""What whoever runs an installation looks at: is everything in order, how much waits, what failed.

Only figures: nothing here names a case, a report or a person.
"""
