"""Imports fvcore, which calls the deprecated torch.jit.script then; warnings are errors here."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import fvcore.nn  # noqa: F401
