"""What was exported: graphs, files, weights, and what made them."""

from collections.abc import Iterator

from export.manifest import MOBILEINST, Bundle, GraphSpec, Manifest, TensorSpec
from mobileinst_deploy.report.blocks import Block, Cell, Facts, Figure, Made, Part, Section, Table
from mobileinst_deploy.report.charts.bars import Bar, bar_figure
from mobileinst_deploy.report.inputs import BUNDLE, Inputs, Loaded
from mobileinst_deploy.report.numbers import MIB, TIMES, count, listed, mib

KEYFRAME = "keyframe"
SERIES = {"onnx": 0, "ncnn": 1, "tnn": 2}


def make(inputs: Inputs) -> Made:
    loaded = inputs.of(BUNDLE)
    if not loaded:
        return Made(None)
    section = Section(
        "exported",
        "What was exported",
        "; ".join(map(finding, loaded)),
        "Every file has the sha256 that the manifest states for it.",
        [part(one) for one in loaded],
    )
    return Made(section)


def finding(loaded: Loaded) -> str:
    bundle: Bundle = loaded.content
    manifest = bundle.manifest
    size = f"{manifest.preprocessing.height}{TIMES}{manifest.preprocessing.width}"
    formats = dict.fromkeys(kind for kind, _ in sizes(bundle))
    return (
        f"{manifest.model.name} at {size}: {count(len(manifest.graphs), 'graph')} "
        f"as {listed(formats)}"
    )


def part(loaded: Loaded) -> Part:
    bundle: Bundle = loaded.content
    return Part(
        f"{loaded.name}: {bundle.manifest.model.name}",
        Facts([*facts(loaded)]),
        [graph_table(bundle), *file_blocks(bundle)],
        Cell("hashes verified", "pass"),
    )


def facts(loaded: Loaded) -> Iterator[tuple[str, str]]:
    manifest = loaded.content.manifest
    weights, preprocessing = manifest.model.weights, manifest.preprocessing
    yield "manifest", f"sha256 {loaded.sha256}"
    source = "drawn, not trained" if weights.source == "seeded" else weights.source
    yield "weights", f"{source}, sha256 {weights.source_sha256 or weights.reference.sha256}"
    baked = "in the graphs" if manifest.preprocessing_baked else "outside of the graphs"
    size = f"{preprocessing.height}{TIMES}{preprocessing.width}"
    colours = f"{preprocessing.colour_order}, {preprocessing.resize}"
    yield "input", f"{size}, {colours}, made {baked}"
    yield from kernel_rows(manifest)
    yield "golden frames", listed(f"{one.source}#{one.frame}" for one in manifest.golden)
    yield "made with", listed(f"{tool} {version}" for tool, version in manifest.versions.items())
    yield "git revision", manifest.git_revision or "unknown"


def kernel_rows(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """How many instances the graphs behind the keyframe take, where there are any."""
    if manifest.model.architecture == MOBILEINST:
        yield "live kernels", str(manifest.kernels.count or "any number")
    else:
        yield "architecture", manifest.model.architecture
        if manifest.kernels.count:
            yield "chosen instances", str(manifest.kernels.count)


def graph_table(bundle: Bundle) -> Table:
    rows = [(name, *cells(name, graph)) for name, graph in bundle.manifest.graphs.items()]
    columns = ("graph", "inputs", "outputs", "weights", "of them the keyframe's")
    return Table("Graphs and their tensors", columns, rows, words=(0, 1, 2))


def cells(name: str, graph: GraphSpec) -> tuple[str, ...]:
    common = graph.common_weight_bytes if name != KEYFRAME else 0
    return (
        *map(shapes, (graph.inputs, graph.outputs)),
        mib(graph.weight_bytes),
        mib(common) if common else "-",
    )


def shapes(specs: tuple[TensorSpec, ...]) -> str:
    return "\n".join(f"{spec.name} {TIMES.join(map(str, spec.shape))}" for spec in specs)


def file_blocks(bundle: Bundle) -> Iterator[Block]:
    found = sizes(bundle)
    yield size_figure(found)
    rows = [(*kind, *(mib(size) for size in both)) for kind, both in found.items()]
    columns = ("format", "precision", "on disk", "if nothing were shared")
    yield Table("Files of all graphs together", columns, rows, words=(0, 1), folded=True)


def size_figure(found: dict[tuple[str, str], tuple[int, int]]) -> Figure:
    bars = [
        Bar(f"{kind} {precision}", once / MIB, mib(once), series=SERIES[kind])
        for (kind, precision), (once, _) in found.items()
    ]
    caption = "All graphs together; content that several graphs share counts once."
    return bar_figure("Size on disk", caption, "MiB", bars)


def sizes(bundle: Bundle) -> dict[tuple[str, str], tuple[int, int]]:
    """Format and precision -> bytes with equal content once, and with a copy for every graph."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for graph in bundle.manifest.graphs.values():
        for artifact in graph.artifacts:
            refs = ((ref.sha256, ref.size) for ref in artifact.files)
            found.setdefault((artifact.format, artifact.precision), []).extend(refs)
    return {
        kind: (sum(dict(refs).values()), sum(size for _, size in refs))
        for kind, refs in found.items()
    }
