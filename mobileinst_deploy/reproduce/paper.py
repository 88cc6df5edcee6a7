"""What the paper prints in Tab. 1 to 7 of what runs on a phone. Nothing here is measured.

Zhang et al., "MobileInst: Video Instance Segmentation on the Mobile", AAAI 2024, arXiv:2303.17594.
Latencies are of one core of a Snapdragon 778G in TNN, at 320x640. Rows that it ran on a desktop's
GPU (Mask R-CNN, and all of Tab. 2 with ResNet-50) are left out: they can't be compared. MACs stand
in `models.complexity`.
"""

from dataclasses import dataclass

from android_bench.measurement.summary import FOLDED, PLAIN, Schedule

PAPER_SIZE = (320, 640)  # height, width of the input
PAPER_DEVICE = "one core of a Snapdragon 778G, TNN"

_B = "mobileinst-topformer-b"


@dataclass(frozen=True)
class PaperRow:
    """A row of a table; its time is what a frame takes."""

    row: str
    model: str  # its name in the zoo
    latency_ms: float
    ap: float | None = None  # mask AP, of the table's data set
    interval: int = 1  # a keyframe in so many frames; more than 1: by the schedule
    schedule: Schedule = PLAIN


@dataclass(frozen=True)
class PaperTable:
    number: int
    title: str
    ap_of: str  # the data set of the column AP
    reference: str  # the row that the others are compared with: the paper's own
    rows: tuple[PaperRow, ...]
    rival: str | None = None  # the row that the paper claims to take half the time of

    @property
    def base(self) -> PaperRow:
        return next(row for row in self.rows if row.row == self.reference)


PAPER_TABLES = (
    PaperTable(
        1,
        "Instance segmentation on COCO",
        "COCO test-dev",
        "MobileInst, TopFormer",
        (
            PaperRow("CondInst, R-50", "condinst-resnet50", 857, 37.8),
            PaperRow("SOLOv2-Lite, R-50", "solov2-lite-resnet50", 797, 34.0),
            PaperRow("SOLOv2-Lite, R-18", "solov2-lite-resnet18", 479, 30.0),
            PaperRow("YOLACT, R-50", "yolact-resnet50", 674, 28.2),
            PaperRow("SparseInst, R-50", "sparseinst-resnet50", 684, 34.7),
            PaperRow("YOLACT, MobileNetV2", "yolact-mobilenetv2", 294, 22.2),
            PaperRow("YOLACT, TopFormer", "yolact-topformer-b", 306, 20.8),
            PaperRow("SOLOv2, MobileNetV2", "solov2-mobilenetv2", 974, 33.2),
            PaperRow("CondInst, TopFormer", "condinst-topformer-b", 549, 31.5),
            PaperRow("SparseInst, TopFormer", "sparseinst-topformer-b", 317, 30.0),
            PaperRow("MobileInst, TopFormer", _B, 158, 30.2),
            PaperRow("MobileInst, SeaFormer", "mobileinst-seaformer-b", 172, 31.4),
        ),
        "SparseInst, TopFormer",
    ),
    PaperTable(
        2,
        "Video instance segmentation on YouTube-VIS",
        "YouTube-VIS 2019",
        "MobileInst, TopFormer",
        (
            PaperRow("CrossVIS, TopFormer", "crossvis-topformer-b", 549, 32.7),
            PaperRow("SparseInst-VIS, TopFormer", "sparseinst-vis-topformer-b", 317, 33.3),
            PaperRow("MobileInst, TopFormer", f"{_B}-ytvis", 158, 35.0),
        ),
        "SparseInst-VIS, TopFormer",
    ),
    PaperTable(
        3,
        "Instance decoder",
        "COCO val",
        "global and local",
        (
            PaperRow("global", f"{_B}-global", 151, 28.7),
            PaperRow("local", f"{_B}-local", 151, 29.3),
            PaperRow("global x2", f"{_B}-global-global", 154, 28.5),
            PaperRow("local x2", f"{_B}-local-local", 154, 29.8),
            PaperRow("global and local", f"{_B}-no-se", 154, 29.8),
        ),
    ),
    PaperTable(
        4,
        "Pooling of local features",
        "COCO val",
        "8x8 max",
        (
            PaperRow("none", f"{_B}-pool-none", 219, 30.7),
            PaperRow("4x4 max", f"{_B}-pool-max4", 157, 30.0),
            PaperRow("8x8 max", f"{_B}-no-se", 154, 29.8),
            PaperRow("8x8 avg", f"{_B}-pool-avg8", 154, 29.4),
        ),
    ),
    PaperTable(
        5,
        "Mask decoder",
        "COCO val",
        "ours with SE",
        (
            PaperRow("SparseInst, 4x conv", f"{_B}-sparseinst-4conv", 198, 30.4),
            PaperRow("SparseInst, 1x conv", f"{_B}-sparseinst-1conv", 149, 29.1),
            PaperRow("FPN, 1x conv", f"{_B}-fpn-1conv", 148, 28.7),
            PaperRow("ours", f"{_B}-no-se", 154, 29.8),
            PaperRow("ours with SE", _B, 158, 30.1),
        ),
    ),
    PaperTable(
        6,
        "Object queries",
        "COCO val",
        "100",
        (
            PaperRow("200", f"{_B}-200-queries", 170, 29.8),
            PaperRow("100", f"{_B}-no-se", 154, 29.8),
            PaperRow("50", f"{_B}-50-queries", 149, 29.1),
            PaperRow("20", f"{_B}-20-queries", 143, 26.2),
        ),
    ),
    PaperTable(
        7,
        "Kernel reuse",
        "YouTube-VIS 2021, with temporal training",
        "T = 1",
        (
            PaperRow("T = 1", f"{_B}-no-se", 154, 30.1),
            PaperRow("T = 3", f"{_B}-no-se", 143, 30.5, 3),
            PaperRow("T = 6", f"{_B}-no-se", 140, 29.2, 6),
            PaperRow("T = 3, folded", f"{_B}-no-se", 143, 30.5, 3, FOLDED),
            PaperRow("T = 6, folded", f"{_B}-no-se", 140, 29.2, 6, FOLDED),
        ),
    ),
)
TABLES = {table.number: table for table in PAPER_TABLES}
