"""Find one data file: in AEBOOK_DATA, in the user's cache, or on a mirror; and verify it."""
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from aebook.data.idx import idx_header, parse_idx, read_payload
from aebook.errors import DatasetError, FormatError

TIMEOUT = (5, 30)  # seconds to connect to a mirror, and between two pieces of its answer


@dataclass(frozen=True)
class DataFile:
    """What is known of a data file: its name without .gz, its shape and its checksums.

    Attributes
    ----------
    name : str
    shape : tuple of int
    gz : str
        SHA-256 of the gzip file on the mirrors.
    raw : str, optional
        SHA-256 of the uncompressed file. Where it is not known, only that gzip file is accepted.
    """

    name: str
    shape: tuple[int, ...]
    gz: str
    raw: str | None = None


def fetch(folder, file, mirrors):
    """Return the content of a data file from the first place that has it.

    Parameters
    ----------
    folder : str
        The folder of the data set inside `AEBOOK_DATA` and inside the cache.
    file : DataFile
    mirrors : tuple of str
        Addresses of folders, each with a slash at its end.

    Returns
    -------
    ndarray of shape `file.shape`, uint8

    Raises
    ------
    DatasetError
        If no place has it; the message lists each mirror with its fault.
    FormatError
        If the copy in `AEBOOK_DATA` is damaged. One in the cache is fetched again.
    """
    data = os.environ.get("AEBOOK_DATA")
    if data:
        names = [f"{file.name}.gz"] + ([file.name] if file.raw else [])
        for path in (Path(data).expanduser() / folder / name for name in names):
            if os.path.exists(path):
                return read_verified(path, file)
    wanted = f"{folder}/{file.name}.gz"
    advice = f"Set AEBOOK_DATA to a folder that holds {wanted}."
    state = f"is not in AEBOOK_DATA={data}" if data else "is not here: AEBOOK_DATA is not set"
    if is_on("AEBOOK_OFFLINE"):
        raise DatasetError(f"{wanted} {state}, and AEBOOK_OFFLINE forbids the cache and the "
                           f"network. {advice}")
    cached = cache_folder() / wanted
    if os.path.exists(cached):
        try:
            return read_verified(cached, file)
        except FormatError:
            pass  # fetched again
    faults, cause = [], None
    for mirror in mirrors:
        try:
            download(f"{mirror}{file.name}.gz", cached, file.gz)
            return read_verified(cached, file)
        except Exception as error:  # whatever is wrong with one mirror, the next may be well
            faults.append(f"\n  {mirror}: {describe(error)}")
            cause = error
    raise DatasetError(f"{wanted} {state}, and no mirror gave a good copy:{''.join(faults)}\n"
                       f"{advice}") from cause


def read_verified(path, file):
    """Return the array in a local file whose checksum is right.

    Raises
    ------
    FormatError
        If the file is damaged or is not the published one; the message names it.
    """
    payload = read_payload(path, file.shape)
    array = parse_idx(payload, file.shape, where=path)
    if file.raw:
        digest = hashlib.sha256(idx_header(file.shape))
        digest.update(array)
        expected = file.raw
    else:
        digest, expected = hashlib.sha256(payload), file.gz
    if digest.hexdigest() != expected:
        raise FormatError(f"{path}: the right format but not the published content (SHA-256 "
                          f"{digest.hexdigest()} instead of {expected}). Replace it by the "
                          "original file.")
    return array


def download(url, path, sha256):
    """Download a file under a temporary name beside `path`, verify it, then move it there."""
    import pooch

    fetcher = pooch.HTTPDownloader(progressbar=not is_on("TQDM_DISABLE"), chunk_size=2 ** 16,
                                   timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # the progress bar says enough
    try:
        pooch.retrieve(url, f"sha256:{sha256}", fname=path.name, path=path.parent,
                       downloader=fetcher)
    finally:
        logger.setLevel(level)


def describe(error):
    """Return in a few words what was wrong with a mirror."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"HTTP status {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.RequestException):
        return f"no connection, or it broke off ({type(error).__name__})"
    if isinstance(error, ValueError) and "hash" in str(error):
        return "sent something else (SHA-256 differs)"
    return f"{type(error).__name__}: {error}"


def cache_folder():
    """Return the folder for downloaded files."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("aebook"))


def is_on(variable):
    """Return whether an environment variable is a switch that is on: neither empty nor "0"."""
    return os.environ.get(variable, "") not in ("", "0")
