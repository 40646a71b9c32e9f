"""Background work: tasks declared over ``django.tasks``, read off the rows, done by threads of this process.

What is unfinished can always be asked of the rows (``due_<step>()`` of each room); a queue is only a hint, so a killed
process loses nothing. Source: docs/decisions/0004; ``drain()`` is the whole engine for a command.
"""
