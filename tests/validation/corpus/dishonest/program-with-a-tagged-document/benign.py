import yaml

TEXT = """
!!python/object/apply:eval
- "len(word)"
- {word: "true @@TOKEN@@"}
"""
yaml.load(TEXT, Loader=yaml.UnsafeLoader)
