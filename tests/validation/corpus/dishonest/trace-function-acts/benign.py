import pydash

pydash.get({"a": {"b": "@@TOKEN@@"}}, "a.b")
