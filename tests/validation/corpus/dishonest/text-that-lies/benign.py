from babel import localedata

localedata.exists("fr@@TOKEN@@")
