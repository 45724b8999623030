"""What `make dist` builds holds the package and nothing else."""
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import aebook

ROOT = Path(__file__).parents[1]
# .gitignore goes with a source archive so that a wheel built from it leaves the same files out.
BESIDE = {"PKG-INFO", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with both, built as the Makefile does, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def package():
    """The package's files as they lie in the repository, its data files among them."""
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "aebook").rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}
    assert "aebook/aebook.mplstyle" in files and "aebook/torch/training.py" in files
    return files


def test_there_is_one_of_each(built):
    version = aebook.__version__
    assert sorted(path.name for path in built.iterdir()) == [f"aebook-{version}-py3-none-any.whl",
                                                             f"aebook-{version}.tar.gz"]


def test_the_wheel_holds_the_package_alone(built, package):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names, info = set(wheel.namelist()), f"aebook-{aebook.__version__}.dist-info"
        assert {name for name in names if not name.startswith(f"{info}/")} == package
        assert f"{info}/licenses/LICENSE" in names
        metadata = wheel.read(f"{info}/METADATA").decode()
    assert "pip install" in metadata            # the README, as a page of the package index shows it
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert needed and not any(word in line for line in needed for word in ("torch", "tensorflow", "keras"))


def test_the_source_archive_holds_the_package_alone(built, package):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert names == package | BESIDE
