"""The same service with two layers and a sum."""

import importlib


def layers(names):
    return {name: 1 for name in names}


def compute(formula, names):
    math = importlib.import_module("PIL.ImageMath")
    evaluate = getattr(math, "eval")
    return evaluate(formula, layers(names))


print(compute("top@@TOKEN@@ + bottom", ["top@@TOKEN@@", "bottom"]))
