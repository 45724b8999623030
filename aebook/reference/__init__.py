"""The oracle: every pure formula once more, in NumPy float64, with its gradient written out.

Only tests and readers look in here. The twins never do, so that what judges them stays
independent of them.
"""
from aebook.reference.activations import *  # noqa: F403
from aebook.reference.activations import __all__ as _activations
from aebook.reference.contraction import *  # noqa: F403
from aebook.reference.contraction import __all__ as _contraction
from aebook.reference.corruption import *  # noqa: F403
from aebook.reference.corruption import __all__ as _corruption
from aebook.reference.dropout import *  # noqa: F403
from aebook.reference.dropout import __all__ as _dropout
from aebook.reference.latent import *  # noqa: F403
from aebook.reference.latent import __all__ as _latent
from aebook.reference.losses import *  # noqa: F403
from aebook.reference.losses import __all__ as _losses
from aebook.reference.normalization import *  # noqa: F403
from aebook.reference.normalization import __all__ as _normalization
from aebook.reference.penalties import *  # noqa: F403
from aebook.reference.penalties import __all__ as _penalties
from aebook.reference.sparsity import *  # noqa: F403
from aebook.reference.sparsity import __all__ as _sparsity

__all__ = [*_activations, *_contraction, *_corruption, *_dropout, *_latent, *_losses, *_normalization, *_penalties,
           *_sparsity]
