import pydash

pydash.attempt(len, "@@TOKEN@@")
