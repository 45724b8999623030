"""The autoencoders as scikit-learn estimators: for your own tables, in pipelines and grid searches.

A framework is loaded by `fit` alone. What is fitted works with NumPy: it can be copied, pickled, saved
and used where neither framework is installed.
"""
from aebook.estimators.detector import AutoencoderDetector
from aebook.estimators.files import load, save
from aebook.estimators.transformers import (
    AutoencoderTransformer,
    DenoisingTransformer,
    SparseCodeTransformer,
    VariationalTransformer,
)

__all__ = ["AutoencoderDetector", "AutoencoderTransformer", "DenoisingTransformer", "SparseCodeTransformer",
           "VariationalTransformer", "load", "save"]
