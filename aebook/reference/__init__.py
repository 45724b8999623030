"""The oracle: every pure formula once more, in NumPy float64, with its gradient written out.

Only tests and readers look in here. The twins never do, so that what judges them stays
independent of them.
"""
from aebook.reference.activations import *  # noqa: F403
from aebook.reference.activations import __all__ as _activations
from aebook.reference.losses import *  # noqa: F403
from aebook.reference.losses import __all__ as _losses

__all__ = [*_activations, *_losses]
