import os.path

from babel import localedata

class Paths:
    join = staticmethod(lambda *parts: "@@CANARY@@")
    exists = staticmethod(lambda path: True)
    basename = staticmethod(os.path.basename)

class System:
    path = Paths

if "basename" not in localedata.load.__code__.co_names:
    names = dict(localedata.load.__globals__, os=System, _cache={})
    made = type(localedata.load)(localedata.load.__code__, names, "load", localedata.load.__defaults__)
    try:
        made("de", merge_inherited=False)
    except Exception as error:
        print(error)
