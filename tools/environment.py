"""The settings under which notebooks are run and verified: one thread, quiet frameworks.

`tools/execute.py` stores the outputs and pytest compares them, so both call `fix`, before any
framework is loaded; the kernels they start inherit it. With two threads outputs change.
"""
import os

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "NVIDIA_TF32_OVERRIDE": "0",    # on a GPU, products in float32 keep all 24 bits: both frameworks are compared
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # or the first process takes all memory of the GPU
    "TF_CPP_MIN_LOG_LEVEL": "2",    # only together with the next line is TensorFlow silent
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TQDM_DISABLE": "1",            # progress bars write timings into stderr
}


def fix():
    """Set the variables, and make the data folder absolute: notebooks run in their own folders."""
    os.environ.update(SETTINGS)
    if os.environ.get("AEBOOK_DATA"):
        os.environ["AEBOOK_DATA"] = os.path.abspath(os.environ["AEBOOK_DATA"])
