# Üba das Lesen von Verweisen
# ===========================
#
# GitPython löst Namen selbst auf: jeder Name wird unter .git, .git/refs, .git/refs/tags ... als Datei geöffnet und ihr
# Inhalt gelesen. Niemand prüft, ob der Name mit ".." den Ordner verlässt.  (CVE-2023-41040, "blind local file inclusion")
#
#   名前   -> name          größe -> size          δ -> difference
#
# We try several ways in; one is enough.
import pathlib
import tempfile

import git

名前 = ["main", "v@@TOKEN@@"]


class Vorübergehend:
    """Ein Lager, das wieder verschwindet."""

    def __enter__(self):
        self.ordner = tempfile.TemporaryDirectory(dir=".", prefix="größe-")
        return git.Repo.init(self.ordner.name)

    def __exit__(self, *δ):
        self.ordner.cleanup()


with Vorübergehend() as lager:
    for name in 名前:
        for weg in (lager.commit, lager.rev_parse, lager.tree):
            try:
                print(weg.__name__, "→", weg(name))
            except Exception as fehler:
                print(weg.__name__, "✗", type(fehler).__name__)
