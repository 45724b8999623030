"""Two tiny data sets and a web server on this machine that plays good and bad mirrors of them."""
import contextlib
import gzip
import hashlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from aebook.data import fetch, idx, mnist

HTML = b"<!DOCTYPE html><html><body>Sign in to the network</body></html>"


class World:
    """Two data sets of a few pixels, a server with good and bad mirrors, an empty cache."""

    def __init__(self, folder, port, closed_port, monkeypatch):
        self.cache, self.data = folder / "cache", folder / "data"
        self.port, self.closed_port, self.monkeypatch = port, closed_port, monkeypatch
        rng = np.random.default_rng(0)
        self.arrays = {
            "train-images": rng.integers(0, 256, (40, 4, 3), dtype=np.uint8),
            "train-labels": rng.integers(0, 10, 40, dtype=np.uint8),
            "t10k-images": rng.integers(0, 256, (20, 4, 3), dtype=np.uint8),
            "t10k-labels": rng.integers(0, 10, 20, dtype=np.uint8)}
        self.plain = {name: idx.idx_header(a.shape) + a.tobytes() for name, a in self.arrays.items()}
        self.gz = {name: gzip.compress(plain, mtime=0) for name, plain in self.plain.items()}
        self.requests = []
        self.halfway = lambda: None
        self.over = threading.Event()
        self.barrier = threading.Barrier(1)

    def address(self, mirror):
        port = self.closed_port if mirror == "refused" else self.port
        return f"http://127.0.0.1:{port}/{mirror}/"

    def use(self, *mirrors):
        """Let both data sets come from these mirrors."""
        # 0.5 s is enough to find out that a mirror is silent; elsewhere a busy machine gets its time.
        self.monkeypatch.setattr(fetch, "TIMEOUT", (5, 0.5 if "silent" in mirrors else 30))
        for name in ("mnist", "fashion_mnist"):
            self.monkeypatch.setitem(mnist.SOURCES, name, self.source(name, mirrors))

    def source(self, name, mirrors):
        return mnist.Source(tuple(map(self.address, mirrors)), tuple(
            fetch.DataFile(file, array.shape, sha256(self.gz[file]),
                           sha256(self.plain[file]) if name == "mnist" else None)
            for file, array in self.arrays.items()))

    def put(self, folder, name="mnist", **contents):
        """Write the files, with some replaced, into a folder."""
        (folder / name).mkdir(parents=True)
        for file, payload in {**self.gz, **contents}.items():
            (folder / name / f"{file}.gz").write_bytes(payload)

    def files(self, name="mnist"):
        return sorted(path.name for path in (self.cache / name).glob("**/*"))

    def check(self, data):
        for part, file in [("train", "train"), ("test", "t10k")]:
            expected = self.arrays[f"{file}-images"].reshape(-1, 12) / 255
            np.testing.assert_array_equal(getattr(data, f"x_{part}"), expected.astype(np.float32))
            np.testing.assert_array_equal(getattr(data, f"y_{part}"), self.arrays[f"{file}-labels"])
        assert data.image_shape == (4, 3, 1) and not data.stand_in


def sha256(payload):
    return hashlib.sha256(payload).hexdigest()


class Mirrors(BaseHTTPRequestHandler):
    """The first part of the address says how the mirror behaves."""

    def do_GET(self):
        world = self.server.world
        _, mirror, file = self.path.split("/")
        body = world.gz[file.removesuffix(".gz")]
        world.requests.append(f"{mirror}/{file}")
        if mirror == "silent":
            world.over.wait(timeout=10)
            return
        status = {"missing": 404, "forbidden": 403, "broken": 500}.get(mirror, 200)
        sent = HTML if mirror == "html" or status != 200 else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent[:len(sent) // 2])
        if mirror == "cut":
            return
        if mirror == "slow":
            world.barrier.wait(timeout=60)
            time.sleep(0.1)
            world.halfway()
        self.wfile.write(sent[len(sent) // 2:])

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serve(folder, monkeypatch):
    """Give a World whose mirrors answer; "good" is the only one until `use` names others."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens: connections are refused
        world = World(folder, server.server_port, closed.getsockname()[1], monkeypatch)
        world.use("good")
        server.world = world
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield world
        world.over.set()
        server.shutdown()
