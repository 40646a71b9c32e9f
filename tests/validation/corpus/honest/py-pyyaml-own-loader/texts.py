"""The documents."""

BAD = """!!python/object/new:tuple
- !!python/object/new:map
  - !!python/name:eval
  - ["__import__('os').system('true @@TOKEN@@')"]
"""

GOOD = """
name: !env "@@TOKEN@@"
"""
