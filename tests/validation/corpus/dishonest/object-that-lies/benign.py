import jinja2

jinja2.Template("{{ a }}").render(a="@@TOKEN@@")
