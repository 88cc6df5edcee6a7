"""Runs TNN networks without TNN."""

from export.to_tnn.interpreter.network import Interpreter

__all__ = ["Interpreter"]
