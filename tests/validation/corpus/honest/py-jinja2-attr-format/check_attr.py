from jinja2 import Environment
from jinja2.sandbox import SandboxedEnvironment, SecurityError

try:
    SandboxedEnvironment().from_string('{{ ("{0.__class__}"|attr("format"))(1) }}').render()
except SecurityError:
    pass
else:
    raise SystemExit("the attribute was handed out")
assert SandboxedEnvironment().from_string('{{ ("{0}!"|attr("format"))(1) }}').render() == "1!"
assert Environment().from_string('{{ ("ab"|attr("upper"))() }}').render() == "AB"
assert Environment().from_string('{{ {"upper": 1}|attr("upper") is undefined }}').render() == "True"
