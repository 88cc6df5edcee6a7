"""Names for the tensors inside a graph, the same in PyTorch and in the exported file.

A tensor is named after the module that computes it, `mask_decoder.fuse.mix_p3`; where a module
computes several, the operation follows, `backbone.blocks.0.attention/softmax`, and a number where
that repeats. Comparing two runtimes tensor by tensor goes by these names.
"""

import re
from collections import Counter

from torch import fx
from torch.export import ExportedProgram


def module_path(node: fx.Node) -> str:
    """The innermost module whose code made the node, "" for the graph itself."""
    stack = node.meta.get("nn_module_stack")
    return str(list(stack.values())[-1][0]) if stack else ""


def tensor_names(program: ExportedProgram) -> dict[str, str]:
    """The program's own node names -> ours, in order of computation."""
    nodes = [node for node in program.graph.nodes if node.op == "call_function"]
    per_module = Counter(module_path(node) for node in nodes)
    used: Counter[str] = Counter()
    names = {}
    for node in nodes:
        name = module_path(node)
        if not name or per_module[name] > 1:
            operation = re.sub(r"_\d+$", "", node.name).strip("_")
            name = f"{name}/{operation}" if name else operation
        used[name] += 1
        names[node.name] = name if used[name] == 1 else f"{name}_{used[name]}"
    return names
