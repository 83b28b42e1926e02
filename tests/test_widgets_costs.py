"""What the widgets of lesson 16 compute and draw, without a browser."""

import xml.etree.ElementTree as ElementTree

import numpy as np

from kit.networks.inside.energy import Cost, Joules, joules
from kit.widgets import energy_bill, privacy_noise

COSTS = [Cost("a", 2e6, 1000, 3000)]
VALUES = {"network": "mine", "number": "int8", "memory": "DRAM", "batch": "16"}


def texts(svg: str) -> str:
    """All words of a picture; it also has to be well-formed."""
    return " ".join(ElementTree.fromstring(svg).itertext())


def test_the_bill_is_that_of_the_chosen_values():
    bill = energy_bill.compute(COSTS, VALUES)
    assert bill == joules(COSTS, "int8", "DRAM", 16)
    words = energy_bill.describe(bill, VALUES)
    assert "mine, int8, from DRAM, 16 at once" in words and energy_bill.say(bill.total) in words
    drawn = texts(energy_bill.figure(bill))
    assert all(energy_bill.say(j) in drawn for j in (bill.arithmetic, bill.memory, bill.total))


def test_energies_have_a_suitable_unit():
    said = [energy_bill.say(j) for j in (4.6e-12, 2.04e-9, 1e-6, 37.4e-6, 0.0023, 3.0)]
    assert said == ["0.0046 nJ", "2 nJ", "1 µJ", "37 µJ", "2.3 mJ", "3 J"]


def test_a_bar_is_longer_by_the_same_step_for_every_factor_of_ten():
    def lengths(factor):
        bill = Joules(factor * 1e-8, factor * 1e-7)
        drawn = ElementTree.fromstring(energy_bill.figure(bill)).findall("{http://www.w3.org/2000/svg}rect")[1:]
        return np.array([float(bar.get("width")) for bar in drawn])

    first, second, third = (lengths(factor) for factor in (1, 10, 100))
    assert np.allclose(second - first, third - second, atol=0.2) and np.all(second > first + 10)


def test_privacy_and_use_part_ways_as_epsilon_grows():
    few, many = (privacy_noise.compute(n) for n in ("50", "800"))
    for curves in (few, many):
        assert curves.named[0] < 0.1 and curves.named[-1] == 1 and curves.central[-1] > 0.95
        assert np.all(curves.central[5:] >= curves.local[5:] - 0.02)
    at_one = np.argmin(np.abs(privacy_noise.POWERS))
    assert many.central[at_one] > 0.95 > few.central[at_one] and many.local[at_one] < 0.5


def test_the_privacy_widget_says_what_it_shows():
    curves = privacy_noise.compute("50")
    words = privacy_noise.describe(curves, {"power": 1.0, "people": "50"})
    assert words.startswith("Simulated, 50 people, ε = 10") and f"r = {curves.local[8]:.2f}" in words
    assert "named" in texts(privacy_noise.figure(curves, 1.0))
