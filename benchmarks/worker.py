"""One rival in a process of its own, which trains an epoch whenever it is asked.

Thread counts are read when a framework is loaded, and the two frameworks must not disturb each
other, so each rival with each thread count gets a process that lives through all rounds. One line
of JSON in, one out.
"""
import gc
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from machine import environment, framework_versions


class Worker:
    """The side that asks."""

    def __init__(self, rival, threads, data):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([sys.executable, __file__, rival, str(data)], env=environment(threads),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def ask(self, job, images):
        """Train an epoch. Returns a dict with "seconds", or with "unavailable" and the reason."""
        try:
            print(json.dumps({"job": job, "images": images}), file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.errors.seek(0)
            return {"unavailable": "its process ended: " + (self.errors.read().strip().split("\n")[-1] or "no message")}

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def serve(rival, data):
    """The side that trains; whatever a library prints goes to stderr."""
    from jobs import JOBS
    from rivals import RIVALS, NotAvailable, finish_loading
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    x = np.asarray(np.load(data, mmap_mode="c"))  # processes share the pages until one writes
    x.sum()
    job = epoch = None
    for line in sys.stdin:
        order = json.loads(line)
        try:
            first = order["job"] != job
            if first:
                job, epoch = order["job"], None
                gc.collect()
                epoch = RIVALS[rival].prepare(JOBS[job], x[:order["images"]])
                finish_loading()
            answer = {"seconds": epoch(first)}
        except NotAvailable as reason:
            answer = {"unavailable": str(reason)}
        except Exception as error:
            answer = {"unavailable": f"{type(error).__name__}: {str(error)[:300]}"}
        versions, device = framework_versions()
        print(json.dumps({**answer, "versions": versions, "device": device}), file=answers, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
