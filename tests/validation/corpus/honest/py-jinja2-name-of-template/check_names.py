import jinja2

name = "{undefined_name}"
pages = {"parts": "{% macro header() %}top{% endmacro %}", name: "{% from 'parts' import nothing %}{{ nothing }}|"}
pages["plain"] = "{% from 'parts' import header %}{{ header() }}"
env = jinja2.Environment(loader=jinja2.DictLoader(pages))
assert env.get_template(name).render() == "|"
assert env.get_template("plain").render() == "top"
