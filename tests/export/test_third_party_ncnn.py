"""Models that others made become ncnn files that agree, or are refused for a right reason."""

from pathlib import Path

import onnx
import pytest

from export.convert_model import convert_model
from export.errors import ConversionError
from tests.export.third_party import MODELS, ThirdParty, locate, photograph


@pytest.mark.parametrize("third_party", MODELS, ids=lambda model: model.name)
def test_a_model_of_others(third_party: ThirdParty, tmp_path: Path):
    path = locate(third_party)
    if path is None:
        pytest.skip(f"the package {third_party.package} is not installed")
    model = onnx.load(path)
    weights = {weight.name for weight in model.graph.initializer}
    (name,) = (value.name for value in model.graph.input if value.name not in weights)
    feed, target = {name: photograph(third_party.shape)}, tmp_path / "converted"
    if refusal := third_party.refusal("ncnn"):
        with pytest.raises(ConversionError, match=refusal):
            convert_model(path, target, "ncnn", feed=feed)
        assert list(tmp_path.iterdir()) == []
    else:
        conversion = convert_model(path, target, "ncnn", feed=feed)
        assert all(output.relative <= 1e-3 for output in conversion.outputs)
        assert {ref.file for ref in conversion.files} == {f"{path.stem}.param", f"{path.stem}.bin"}
