from jinja2 import Environment
from jinja2.sandbox import SandboxedEnvironment, SecurityError


def shown(text):
    try:
        return SandboxedEnvironment().from_string(text).render()
    except SecurityError:
        return "refused"


assert "int" not in shown('{{ ("{0.__class__}"|attr("format"))(1) }}')
assert "object" not in shown('{{ ("{0.__class__.__mro__}"|attr("format"))(1) }}')
assert shown('{{ ("{0}!"|attr("format"))(1) }}') == "1!"
assert Environment().from_string('{{ ("ab"|attr("upper"))() }}').render() == "AB"
assert Environment().from_string('{{ {"upper": 1}|attr("upper") is undefined }}').render() == "True"
