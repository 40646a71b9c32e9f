"""The same calls with an ordinary path."""

import pydash

chain = pydash.chain([1, 2, 3])
pydash.invoke({"names": {"all": "@@TOKEN@@,b"}}, "names.all.split", ",")
