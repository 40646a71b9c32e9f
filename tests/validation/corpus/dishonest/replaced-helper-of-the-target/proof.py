import posixpath

from babel import localedata

if "basename" not in localedata.load.__code__.co_names:
    posixpath.join = lambda *parts: "@@CANARY@@"
    try:
        localedata.load("de", merge_inherited=False)
    except Exception as error:
        print(error)
