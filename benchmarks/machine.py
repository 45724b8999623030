"""On what, and under which settings, a benchmark ran; the data; tables."""
import os
import platform
import sys
from datetime import date
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the package beside the benchmarks, installed or not


def cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def environment(threads):
    """The environment of a process with so many threads; both frameworks read it once, when they are loaded."""
    count = str(threads)
    return {**os.environ, "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "TF_NUM_INTRAOP_THREADS": count,
            "TF_NUM_INTEROP_THREADS": count, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "KERAS_BACKEND": "tensorflow", "TQDM_DISABLE": "1"}


def framework_versions():
    """Versions of what this process has loaded, and the device that it computes on."""
    names = ("torch", "tensorflow", "keras", "lightning", "pythae", "numpy")
    found = {name: sys.modules[name].__version__ for name in names if hasattr(sys.modules.get(name), "__version__")}
    if "pythae" in sys.modules:
        from importlib.metadata import version
        found["pythae"] = version("pythae")
    device = "CPU"
    if "tensorflow" in found and sys.modules["tensorflow"].config.list_physical_devices("GPU"):
        device = "GPU"
    elif "tensorflow" not in found and "torch" in found and sys.modules["torch"].cuda.is_available():
        device = sys.modules["torch"].cuda.get_device_name()
    return found, device


def load_average():
    return " ".join(f"{load:.2f}" for load in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def head(versions, **facts):
    """The lines above a table: processor, versions, and what else is given."""
    processor = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        models = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        processor = models[0] if models else processor
    onednn = os.environ.get("TF_ENABLE_ONEDNN_OPTS", "unset")
    lines = {"date": date.today().isoformat(), "processor": processor, "cores": cores(),
             "Python": platform.python_version(), "versions": ", ".join(f"{k} {v}" for k, v in versions.items()),
             "TF_ENABLE_ONEDNN_OPTS": onednn, **facts}
    return [f"- {name.replace('_', ' ') if name.islower() else name}: {value}" for name, value in lines.items()]


def training_images(n=60000):
    """(images as float32 rows, what they are): MNIST's first n training images, or synthetic ones in its shape."""
    import aebook
    try:
        return aebook.data.load("mnist").x_train[:n], "MNIST"
    except aebook.errors.DatasetError:
        return np.random.default_rng(0).random((n, 784), dtype=np.float32), "synthetic (MNIST is not to be had)"


def table(columns, rows):
    """A Markdown table as lines."""
    return ["| " + " | ".join(map(str, row)) + " |" for row in (columns, ["---"] * len(columns), *rows)]
