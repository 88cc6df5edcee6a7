"""The table of networks: names, what they stand for, and weights drawn from a seed."""

from dataclasses import fields, replace

import pytest
import torch

from models import zoo
from models.errors import ConfigError, UnknownModelError
from models.peers.families import PEERS
from models.zoo import ARCHITECTURES, ZOO, MobileInstConfig

SHORT = ["topformer-t", "topformer-s", "topformer-b"]
SHORT += ["seaformer-t", "seaformer-s", "seaformer-b", "seaformer-l"]

# What Tab. 3 to 6 change; all of them are without the semantic enhancer.
ABLATIONS = {
    "no-se": {},
    "global": {"stages": ("global",)},
    "local": {"stages": ("local",)},
    "global-global": {"stages": ("global", "global")},
    "local-local": {"stages": ("local", "local")},
    "pool-none": {"pool": "none"},
    "pool-max4": {"pool_size": 4},
    "pool-avg8": {"pool": "avg"},
    "sparseinst-4conv": {"mask_decoder": "sparseinst", "mask_convs": 4},
    "sparseinst-1conv": {"mask_decoder": "sparseinst"},
    "fpn-1conv": {"mask_decoder": "fpn"},
    "200-queries": {"num_queries": 200},
    "50-queries": {"num_queries": 50},
    "20-queries": {"num_queries": 20},
}


def test_the_names():
    names = [f"mobileinst-{short}" for short in SHORT]
    names += [f"mobileinst-{short}-ytvis" for short in SHORT]
    names += [f"mobileinst-topformer-b-{suffix}" for suffix in ABLATIONS]
    assert sorted(ZOO) == sorted([*names, *PEERS])


@pytest.mark.parametrize("name", [name for name in ZOO if name not in PEERS])
def test_every_name_builds(name: str):
    config = zoo.find(name)
    with torch.device("meta"):  # shapes without numbers
        network = zoo.build(config)
    assert not network.training
    assert network.heads.classify.out_features == config.num_classes
    assert network.instance_decoder.queries.num_embeddings == config.num_queries
    assert network.instance_decoder.kinds == config.stages


@pytest.mark.parametrize("name", ["", "mobileinst", "topformer-b", "MOBILEINST-TOPFORMER-B"])
def test_an_unknown_name_lists_the_known_ones(name: str):
    with pytest.raises(UnknownModelError) as caught:
        zoo.find(name)
    message = str(caught.value)
    assert message.startswith(f"unknown model {name!r}: ")
    assert all(known in message for known in ZOO)
    assert "\n" not in message


def test_an_unknown_backbone_lists_the_known_ones():
    with pytest.raises(UnknownModelError, match=r"'resnet-50'.*topformer-tiny, .*seaformer-large"):
        zoo.build(MobileInstConfig(backbone="resnet-50"))


def differences(config: MobileInstConfig, base: MobileInstConfig) -> dict[str, object]:
    pairs = {field.name: getattr(config, field.name) for field in fields(config)}
    return {name: value for name, value in pairs.items() if value != getattr(base, name)}


@pytest.mark.parametrize("suffix", ABLATIONS)
def test_ablations_change_what_the_paper_changes(suffix: str):
    base = zoo.find("mobileinst-topformer-b")
    config = zoo.find(f"mobileinst-topformer-b-{suffix}")
    assert differences(config, base) == {"semantic_enhancer": False, **ABLATIONS[suffix]}


@pytest.mark.parametrize("short", SHORT)
def test_the_video_models_differ_in_their_classes(short: str):
    image, video = (zoo.find(f"mobileinst-{short}{suffix}") for suffix in ("", "-ytvis"))
    assert differences(video, image) == {"num_classes": 40}
    assert set(differences(image, MobileInstConfig())) <= {"backbone"}


def weights(seed: int, name: str = "mobileinst-topformer-t") -> dict[str, torch.Tensor]:
    return zoo.build(zoo.find(name), seed).state_dict()


@pytest.mark.parametrize("name", ["mobileinst-topformer-t", "mobileinst-seaformer-t"])
def test_a_seed_gives_the_same_weights_again(name: str):
    torch.manual_seed(1)
    first = weights(3, name)
    torch.manual_seed(2)
    second = weights(3, name)
    assert list(first) == list(second)
    assert all(torch.equal(value, second[key]) for key, value in first.items())


def test_another_seed_gives_other_weights():
    first, second = weights(0), weights(1)
    drawn = [key for key in first if key.endswith("conv.weight") or "queries" in key]
    assert len(drawn) > 40
    assert not any(torch.equal(first[key], second[key]) for key in drawn)


def test_building_leaves_the_global_random_state():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    weights(0)
    assert torch.equal(torch.get_rng_state(), before)


def test_classes_start_unlikely():
    bias = weights(0)["heads.classify.bias"]
    assert torch.allclose(bias.sigmoid(), torch.full((80,), 0.01))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"pool": "median"}, "pool is 'median'"),
        ({"mask_decoder": "unet"}, "mask_decoder is 'unet'"),
        ({"stages": ("middle",)}, "stages are"),
        ({"stages": ()}, "stages are"),
        ({"num_queries": 0}, "num_queries is 0, expected 1 to 4096"),
        ({"dim": 100}, "dim is 100, expected a multiple of 4 x 8"),
    ],
)
def test_a_configuration_of_no_network_is_refused(change, says):
    with pytest.raises(ConfigError, match=says):
        zoo.build(replace(zoo.find("mobileinst-topformer-t"), **change))


@pytest.mark.parametrize("name", ZOO)
def test_an_architecture_is_called_by_its_name(name: str):
    config = zoo.find(name)
    architecture = zoo.architecture_of(config)
    assert name.startswith(architecture)
    assert ARCHITECTURES[architecture] is type(config)


def test_what_is_no_mobileinst_is_refused_where_one_is_needed():
    assert zoo.find_mobileinst("mobileinst-topformer-t") == zoo.find("mobileinst-topformer-t")
    with pytest.raises(ConfigError, match=r"^yolact-resnet50 is a yolact network, expected a Mob"):
        zoo.find_mobileinst("yolact-resnet50")
