"""The readings of a dictated number: each once, likeliest first, with what the form of numbers adds."""

from transcribe.engines.beam import Text
from transcribe.engines.number_reader import _led_by, _probabilities, _weight


def test_probabilities_add_up_and_the_likeliest_is_first() -> None:
    readings = _probabilities({"55501": -1.0, "5501": -3.0, "55": -9.0})
    assert [digits for digits, _ in readings] == ["55501", "5501", "55"]
    assert abs(sum(share for _, share in readings) - 1) < 0.001


def test_a_number_that_can_be_dialled_outweighs_one_that_lost_a_digit() -> None:
    lost = Text(tokens=(1,) * 9, scores=(-0.1,) * 9)
    whole = Text(tokens=(1,) * 10, scores=(-0.4,) * 10)
    assert _weight("6125550142", [whole], 4.0) > _weight("612550142", [lost], 4.0)


def test_a_reading_that_leads_is_as_likely_as_any() -> None:
    assert _led_by("2", (("1", 0.6), ("2", 0.2))) == (("2", 0.5), ("1", 0.5))
    assert _led_by("3", (("1", 1.0),)) == (("3", 0.5), ("1", 0.5))
