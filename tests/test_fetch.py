"""Where data files come from: AEBOOK_DATA, the cache, mirrors on this machine; and their faults."""
import dataclasses
import gzip
import json
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mirrors import HTML, serve, sha256

import aebook
from aebook.data import fetch, idx, load
from aebook.errors import DatasetError, FormatError, StandInWarning


@pytest.fixture
def world(tmp_path, monkeypatch):
    for variable in ("AEBOOK_DATA", "AEBOOK_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    with serve(tmp_path, monkeypatch) as world:
        monkeypatch.setattr(fetch, "cache_folder", lambda: world.cache)
        yield world


FAULTS = {"missing": "HTTP status 404", "forbidden": "HTTP status 403", "broken": "HTTP status 500",
          "html": "sent something else", "cut": "no connection, or it broke off",
          "refused": "no connection, or it broke off", "silent": "no answer in time"}
NAMES = pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])


# The mirrors -------------------------------------------------------------------------------------

@NAMES
@pytest.mark.parametrize("fault", FAULTS)
def test_next_mirror_after_a_fault(fault, name, world):
    world.use(fault, "good")
    world.check(load(name))
    good = [f"{file}.gz" for file in world.gz]
    assert [r.removeprefix("good/") for r in world.requests if r.startswith("good/")] == good
    assert world.files(name) == sorted(good)


@pytest.mark.parametrize("fault", FAULTS)
def test_all_mirrors_bad(fault, world):
    world.use(fault, "missing")
    with pytest.raises(DatasetError) as caught:
        load("mnist")
    message = str(caught.value)
    assert f"{world.address(fault)}: {FAULTS[fault]}" in message
    assert f"{world.address('missing')}: HTTP status 404" in message
    assert "mnist/train-images.gz" in message
    assert "Set AEBOOK_DATA" in message and "fallback='digits'" in message
    assert world.files() == []


def test_cache_is_used_the_second_time(world):
    load("mnist")
    world.requests.clear()
    world.check(load("mnist"))
    assert world.requests == []


def test_file_appears_in_the_cache_only_when_whole(world):
    world.use("slow")
    seen = []
    world.halfway = lambda: seen.append(set(world.files()))
    load("mnist")
    finished = set()
    for file, listing in zip(world.gz, seen, strict=True):
        assert finished < listing and f"{file}.gz" not in listing  # a temporary name, same folder
        finished.add(f"{file}.gz")


CHILD = """
import hashlib, json, sys
from pathlib import Path
from aebook.data import fetch, load, mnist
cache, mirrors, files = json.loads(sys.argv[1])
fetch.cache_folder = lambda: Path(cache)
mnist.SOURCES["mnist"] = mnist.Source(mirrors, tuple(
    fetch.DataFile(name, tuple(shape), gz, raw) for name, shape, gz, raw in files))
data = load("mnist")
print([hashlib.sha256(part).hexdigest()
       for part in (data.x_train, data.y_train, data.x_test, data.y_test)])
"""


def load_in_child(world, mirror):
    """Load the tiny data set in a process of its own; return what it printed."""
    source = world.source("mnist", [mirror])
    argument = json.dumps([str(world.cache), source.mirrors,
                           [dataclasses.astuple(file) for file in source.files]])
    return subprocess.run([sys.executable, "-c", CHILD, argument], capture_output=True, text=True,
                          check=True, cwd=Path(aebook.__file__).parents[1])


def test_processes_that_download_at_once_get_equal_arrays(world):
    n = 3
    world.barrier = threading.Barrier(n)  # no download goes on before all have begun it
    with ThreadPoolExecutor(n) as pool:
        runs = list(pool.map(lambda _: load_in_child(world, "slow"), range(n)))
    data = load("mnist")
    world.check(data)
    expected = [sha256(part) for part in (data.x_train, data.y_train, data.x_test, data.y_test)]
    assert [run.stdout for run in runs] == [f"{expected}\n"] * n
    assert world.requests.count("slow/train-images.gz") == n
    assert world.files() == sorted(f"{file}.gz" for file in world.gz)


@pytest.mark.parametrize("disabled, shown", [("", True), ("1", False)])
def test_progress_bar(disabled, shown, world, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", disabled)
    run = load_in_child(world, "good")
    assert ("100%" in run.stderr) == shown
    assert "Downloading data" not in run.stderr


# The order of places -----------------------------------------------------------------------------

DAMAGES = {"truncated": lambda gz: gz[:-9], "empty": lambda gz: b"", "html": lambda gz: HTML,
           "flipped": lambda gz: gz[:60] + bytes([gz[60] ^ 255]) + gz[61:]}


@NAMES
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_cache_file_is_fetched_again(damage, name, world):
    world.put(world.cache, name, **{"t10k-images": DAMAGES[damage](world.gz["t10k-images"])})
    world.check(load(name))
    assert world.requests == ["good/t10k-images.gz"]
    assert (world.cache / name / "t10k-images.gz").read_bytes() == world.gz["t10k-images"]


@NAMES
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_in_aebook_data_is_named(damage, name, world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.put(world.data, name, **{"t10k-images": DAMAGES[damage](world.gz["t10k-images"])})
    with pytest.raises(FormatError, match="t10k-images.gz: .*Replace it") as caught:
        load(name)
    assert str(world.data) in str(caught.value)
    assert world.requests == []


@NAMES
def test_valid_file_with_other_content_is_refused(name, world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    other = idx.idx_header((20, 4, 3)) + bytes(240)
    world.put(world.data, name, **{"t10k-images": gzip.compress(other)})
    with pytest.raises(FormatError, match="t10k-images.gz: .*not the published content"):
        load(name)


@NAMES
def test_aebook_data_goes_before_cache_and_mirrors(name, world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.put(world.data, name)
    world.put(world.cache, name, **dict.fromkeys(world.gz, b"not opened"))
    world.check(load(name))
    assert world.requests == []


def test_file_that_aebook_data_lacks_comes_from_a_mirror(world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.put(world.data)
    (world.data / "mnist" / "t10k-labels.gz").unlink()
    world.check(load("mnist"))
    assert world.requests == ["good/t10k-labels.gz"]


@pytest.mark.parametrize("suffix, name, accepted", [
    ("", "mnist", True), ("", "fashion_mnist", False),  # no checksum of the plain file is known
    (".gz", "mnist", True), (".gz", "fashion_mnist", False)])
def test_other_container_needs_a_checksum_of_its_content(suffix, name, accepted, world,
                                                         monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    monkeypatch.setenv("AEBOOK_OFFLINE", "1")
    (world.data / name).mkdir(parents=True)
    for file, plain in world.plain.items():
        payload = gzip.compress(plain, compresslevel=1, mtime=1) if suffix else plain
        (world.data / name / f"{file}{suffix}").write_bytes(payload)
    if accepted:
        world.check(load(name))
    else:
        with pytest.raises(DatasetError, match="train-images.gz"):
            load(name)


@pytest.mark.parametrize("value, offline", [("1", True), ("yes", True), ("0", False), ("", False)])
def test_aebook_offline_forbids_cache_and_network(value, offline, world, monkeypatch):
    monkeypatch.setenv("AEBOOK_OFFLINE", value)
    world.put(world.cache)
    if offline:
        with pytest.raises(DatasetError, match="AEBOOK_OFFLINE forbids the cache and the network"):
            load("mnist")
        assert world.requests == []
    else:
        world.check(load("mnist"))


def test_aebook_offline_allows_aebook_data(world, monkeypatch):
    monkeypatch.setenv("AEBOOK_OFFLINE", "1")
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.put(world.data)
    world.check(load("mnist"))


def test_the_message_says_that_aebook_data_was_searched(world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.use("missing", "refused")
    with pytest.raises(DatasetError) as caught:
        load("mnist")
    assert f"train-images.gz is not in AEBOOK_DATA={world.data}, and no mirror" in str(caught.value)


# The fallback -----------------------------------------------------------------------------------

def test_fallback_says_why_the_mirrors_failed(world):
    world.use("missing", "refused")
    with pytest.warns(StandInWarning, match="(?s)HTTP status 404.*no connection"):
        assert load("mnist", fallback="digits").stand_in


def test_fallback_names_the_damaged_file(world, monkeypatch):
    monkeypatch.setenv("AEBOOK_DATA", str(world.data))
    world.put(world.data, **{"train-labels": HTML})
    with pytest.warns(StandInWarning, match="train-labels.gz: neither an IDX nor a gzip file"):
        assert load("mnist", fallback="digits").stand_in


def test_fallback_is_silent_where_it_is_not_needed(world):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        world.check(load("mnist", fallback="digits"))
