"""What the peers' inputs and outputs mean, by the class of a network's outputs.

L places or A anchors, C cells: the rows of one frame's candidates, level by level.
"""

from models.peers.condinst import CondInstPrediction
from models.peers.crossvis import CrossVisPrediction
from models.peers.solov2 import Solov2Prediction
from models.peers.sparseinst import SparseInstPrediction
from models.peers.yolact import YolactPrediction

SIGMOID = "sigmoid gives probabilities"
FCOS = {
    "class_logits": f"of every place; {SIGMOID}",
    "boxes": "from the place to the left, top, right and bottom side, pixels, 0 or more",
    "centerness": "a logit; a place's score is class probability times centre-ness",
    "controllers": "the parameters of each place's mask head",
    "mask_features": "what the mask heads run on, on the 1/8 grid",
}

OUTPUTS: dict[type, dict[str, str]] = {
    SparseInstPrediction: {
        "class_logits": SIGMOID,
        "objectness": "logit of the mask's expected IoU",
        "kernels": "one mask kernel an instance",
        "mask_logits": f"one mask an instance on the 1/4 grid, {SIGMOID}",
    },
    YolactPrediction: {
        "class_logits": "of every anchor; softmax gives probabilities, class 0 is the background",
        "boxes": "of every anchor, encoded against its prior: centre x, centre y, width, height",
        "coefficients": "of every anchor, -1 to 1: how the prototypes make its mask",
        "prototypes": "0 or more, on the 1/4 grid; sigmoid of their mixture gives a mask",
    },
    CondInstPrediction: FCOS,
    CrossVisPrediction: {
        **FCOS,
        "embeddings": "of every place; their likeness matches the instances of two frames",
    },
    Solov2Prediction: {
        "category_logits": f"of every cell; {SIGMOID}",
        "kernels": "one mask kernel a cell",
        "mask_features": "what the kernels are applied to, on the 1/4 grid",
    },
}

# Of the graph `masks`, instance by instance, the best first.
CHOSEN = {
    "mask_features": "of the keyframe, as they are",
    "kernels": "of the chosen cells, rows of the keyframe's",
    "parameters": "of the chosen places, rows of the keyframe's controllers",
    "points": "x and y of the chosen places, pixels",
    "sizes": "the object size of the chosen places' levels, pixels",
    "mask_logits": f"one mask an instance, {SIGMOID}",
}
