import os

from babel import localedata

class Name(str):
    def __contains__(self, other):
        os.system("true @@TOKEN@@")
        return False

    def __hash__(self):
        os.system("true @@TOKEN@@")
        return 1

if "basename" not in localedata.load.__code__.co_names:
    localedata.exists(Name("fr"))
