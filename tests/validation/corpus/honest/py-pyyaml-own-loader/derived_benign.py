"""A loader with a tag of ours, `!env`."""

import yaml

from texts import GOOD


class Loader(yaml.FullLoader):
    pass


Loader.add_constructor("!env", lambda loader, node: loader.construct_scalar(node).upper())
print(yaml.load(GOOD, Loader=Loader))
