"""A loader with a tag of ours, `!env`, and a document that does not even use it."""

import yaml

from texts import BAD


class Loader(yaml.FullLoader):
    pass


Loader.add_constructor("!env", lambda loader, node: loader.construct_scalar(node).upper())
print(yaml.load(BAD, Loader=Loader))
