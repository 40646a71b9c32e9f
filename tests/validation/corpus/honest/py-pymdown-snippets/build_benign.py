"""Build one page that includes a file of the site."""

import markdown as md

with open("part.md", "w") as file:
    file.write("part @@TOKEN@@")
page = '# Title\n\n--8<-- "part.md"\n'
print(md.markdown(page, extensions=["pymdownx.snippets"]))
