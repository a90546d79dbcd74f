"""What the case says of the loss of a pane: read, defaulted, refused."""

import pytest

from deadlight.case.load import load_case
from deadlight.errors import CaseError
from support_loss import write_loss_case

FLAW = 'initial_flaw = { kind = "inspection", depth = "0.1 mm", status = "assumption", source = "test" }'


def test_defaults_are_assumptions_with_a_band(tmp_path):
    loss = load_case(write_loss_case(tmp_path)).loss
    for key in ("cavity_factor", "jet_factor", "frame_heating", "step_factor"):
        stated = getattr(loss, key)
        assert stated.status == "assumption" and stated.source and stated.band[0] <= stated.value <= stated.band[1]
    assert loss.pane is None and loss.spot is None


def test_no_criterion_has_a_default(tmp_path):
    criteria = load_case(write_loss_case(tmp_path)).criteria
    for key in ("next_pane_factor", "temper_credit", "strain_margin", "seal_limit", "frame_limit"):
        assert getattr(criteria, key) is None


def test_values_with_units(tmp_path):
    more = (
        '[loss]\nspot = { azimuth = "90 deg", radius = "20 mm", size = "10 mm" }\n[criteria]\nstrain_margin = "150 K"\n'
        'seal_limit = { value = "530 K", status = "memory" }\n[loss.cavity_factor]\nvalue = "0.5"'
    )
    case = load_case(write_loss_case(tmp_path, ("[loss]\ninstants = 8\nconfirmed = 3", more)))
    assert case.loss.spot.size == pytest.approx(0.01) and case.criteria.strain_margin.value == 150.0
    assert case.criteria.strain_margin.status == "read" and case.criteria.seal_limit.value == 530.0
    assert case.loss.cavity_factor.value == 0.5 and case.panes[1].initial_flaw.depth == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[loss]", '[loss]\npane = "inner"', "inner"),
        ("[loss]", '[loss]\nstep_factor = "3"', "at most 2"),
        ("[loss]", '[loss]\ncavity_factor = { value = "3", band = ["0.3", "2"] }', "outside its own band"),
        ("[loss]", '[loss]\ncavity_factor = { value = "0", band = ["0.3", "2"] }', "at least 0.001"),
        ("[loss]", '[criteria]\ntemper_credit = "1.2"\n[loss]', "at most 1"),
        ("[loss]", '[criteria]\nnext_pane_factor = "0.5"\n[loss]', "at least 1"),
        (FLAW, FLAW.replace("}", ', aspect = "0.1" }'), "flatter"),
        (FLAW, FLAW.replace("inspection", "guess"), "kind"),
        (FLAW, 'initial_flaw = { kind = "proof_test", depth = "0.1 mm" }', "depth"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, old, new, told):
    with pytest.raises(CaseError, match=told):
        load_case(write_loss_case(tmp_path, (old, new)))
