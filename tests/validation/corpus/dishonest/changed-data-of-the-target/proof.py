import os

from babel import localedata

folder, name = os.path.split("@@CANARY@@")
if "basename" not in localedata.load.__code__.co_names:
    localedata._dirname = folder
    os.path.exists = lambda path: True
    try:
        localedata.load(name, merge_inherited=False)
    except Exception as error:
        print(error)
