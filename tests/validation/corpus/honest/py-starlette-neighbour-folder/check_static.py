import os
import tempfile

from starlette.staticfiles import StaticFiles

with tempfile.TemporaryDirectory() as folder:
    for name in ("site", "site-drafts"):
        os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, name, "page"), "w") as file:
            file.write(name)
    site = StaticFiles(directory=os.path.join(folder, "site"))
    assert site.lookup_path("page")[1] is not None
    assert site.lookup_path("../site-drafts/page")[1] is None
    assert site.lookup_path("../../etc/hostname")[1] is None
