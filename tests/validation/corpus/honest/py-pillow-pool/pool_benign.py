"""Images are computed in child processes."""

import multiprocessing
from functools import partial

from PIL import ImageMath as m


def compute(formula, names):
    return m.eval(formula, {name: 1 for name in names})


def main():
    names = ["top@@TOKEN@@", "bottom"]
    work = partial(compute, "top@@TOKEN@@ + bottom")
    child = multiprocessing.get_context("fork").Process(target=work, args=(names,))
    child.start()
    child.join()


if __name__ == "__main__":
    main()
