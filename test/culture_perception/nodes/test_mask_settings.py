"""Options of the mask generator as parameters: what is left to the model, what is not."""

from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.nodes.mask_settings import MASK_SETTINGS, mask_options_of

DEFAULTS = {setting.name: setting.default for setting in MASK_SETTINGS}


def test_by_default_all_is_left_to_the_model() -> None:
    assert mask_options_of(DEFAULTS) == {}


def test_what_is_given_is_an_option_of_the_generator() -> None:
    given = {"points_per_side": 16, "pred_iou_thresh": 0.5, "crop_n_layers": 0}
    chosen = mask_options_of({**DEFAULTS, **given})
    assert chosen == given
    assert MaskGeneratorOptions().changed(chosen).points_per_side == 16


def test_crops_are_parameters_as_well() -> None:
    given = {
        "crop_nms_thresh": 0.5,
        "crop_overlap_ratio": 0.25,
        "crop_n_points_downscale_factor": 2,
    }
    chosen = mask_options_of({**DEFAULTS, **given})
    assert chosen == given
    changed = MaskGeneratorOptions().changed(chosen).to_json()
    assert {name: changed[name] for name in given} == given


def test_every_parameter_has_an_option_of_its_name_and_type() -> None:
    own = MaskGeneratorOptions().to_json()
    for setting in MASK_SETTINGS:
        assert type(own[setting.name]) is type(setting.default)
