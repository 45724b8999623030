"""Point the book at another repository: python tools/set_repository.py https://github.com/OWNER/NAME

The address stands in `_config.yml`. README, CITATION.cff, pyproject.toml and the first cell of every
notebook repeat it; this rewrites them all, and the notebooks' code hashes with them. The publishing
workflow runs it, so that a copy of the repository gets right links. `strangers` finds mentions that
disagree; `tests/test_repository.py` asks it.
"""
import os
import re
import sys
from pathlib import Path

import nbformat
import yaml
from execute import hashes, write

SLUG = r"[\w-]+/[\w.-]*[\w-]"
ADDRESS = re.compile(rf"https://github\.com/({SLUG})")
NOT_OURS = {"_build", "dist", "__pycache__"}    # hidden folders are left out too, but for two
# Where a mention can only be of this repository: in these files every one, elsewhere after these words.
OWN_FILES = {"README.md", "CITATION.cff", "pyproject.toml", "_config.yml"}
OWN_WORDS = r"git\+https://github\.com/|colab\.research\.google\.com/github/"


def repository(root):
    """The repository's address, from the one place that decides."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]


def addresses(url):
    """The ways in which the repository is mentioned: owner/name, and the address of its pages."""
    slug = ADDRESS.fullmatch(url)[1]
    owner, name = slug.split("/")
    host = f"{owner.lower()}.github.io"
    return slug, host if name.lower() == host else f"{host}/{name}"     # a repository of that name is the host's root


def text_files(root):
    """Every text file of the project, as (path, text)."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in set(folders) - NOT_OURS
                            if not name.startswith(".") or name in (".ci", ".github"))
        for path in (Path(folder, name) for name in sorted(names) if not name.startswith(".")):
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass


def strangers(root):
    """Mentions of this repository under another address than `_config.yml` gives, as sentences."""
    slug, pages = addresses(repository(root))
    found = []
    for path, text in text_files(root):
        where = path.relative_to(root)
        if path.name in OWN_FILES and path.parent == root:
            words = rf"{OWN_WORDS}|github\.com/"
            found += [f"{where}: {other}" for other in re.findall(r"[\w-]+\.github\.io/[\w.-]*[\w-]", text)
                      if other != pages]
        else:
            words = rf"{OWN_WORDS}|github\.com/(?=example/)"
        found += [f"{where}: {other}" for other in re.findall(rf"(?:{words})({SLUG})", text) if other != slug]
    return found


def set_repository(root, url):
    """Rewrite every mention of the repository under `root`."""
    old, new = addresses(repository(root)), addresses(url)
    for path, text in text_files(root):
        changed = text
        for before, after in zip(old, new, strict=True):
            changed = re.sub(rf"(?<![\w-]){re.escape(before)}(?![\w-])", after, changed)
        if changed == text:
            continue
        if path.suffix == ".ipynb":
            nb = nbformat.reads(changed, as_version=4)
            nb.metadata.get("aebook", {})["code_hash"] = hashes(nb)["code_hash"]
            write(nb, path)
        else:
            path.write_text(changed, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not ADDRESS.fullmatch(sys.argv[1]):
        raise SystemExit(__doc__)
    set_repository(Path.cwd(), sys.argv[1])
