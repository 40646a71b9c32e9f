"""Build one page as a site generator does: Markdown calls the extension, we never do."""

import markdown as md

page = '# Title\n\n--8<-- "@@CANARY@@"\n'
print(md.markdown(page, extensions=["pymdownx.snippets"]))
