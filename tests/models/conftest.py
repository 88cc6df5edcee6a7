"""fvcore calls the deprecated torch.jit.script when it is imported, and warnings are errors here."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import fvcore.nn  # noqa: F401
