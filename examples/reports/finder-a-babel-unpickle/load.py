"""Ask Babel for a "locale" that is the path of a file elsewhere."""

from babel import localedata

try:
    localedata.load("@@CANARY@@", merge_inherited=False)
except Exception as error:  # the file is no pickle, or not there: opening it is the point
    print(type(error).__name__)
