from babel import localedata

localedata.load("fr", merge_inherited=False)
