"""Corrections of measured data: each a pure function of a measurement that records itself in the history."""

from spinstack.measure.cleaning.angle import set_angle, shift_angle
from spinstack.measure.cleaning.arms import correct_arms
from spinstack.measure.cleaning.contacts import combine_contacts
from spinstack.measure.cleaning.control import subtract_control
from spinstack.measure.cleaning.current import reverse_current
from spinstack.measure.cleaning.drift import subtract_drift
from spinstack.measure.cleaning.lockin import rotate_phase
from spinstack.measure.cleaning.misalignment import correct_misalignment
from spinstack.measure.cleaning.parity import even_part, odd_part
from spinstack.measure.cleaning.repeats import average_repeats
from spinstack.measure.cleaning.resistance import to_resistance
from spinstack.measure.cleaning.selection import select
from spinstack.measure.cleaning.spikes import remove_spikes
from spinstack.measure.cleaning.splitting import part, split
from spinstack.measure.cleaning.substrate import subtract_substrate
from spinstack.measure.cleaning.turns import align_channels
from spinstack.measure.cleaning.two_terminal import correct_loading, subtract_leads

__all__ = [
    "align_channels",
    "average_repeats",
    "combine_contacts",
    "correct_arms",
    "correct_loading",
    "correct_misalignment",
    "even_part",
    "odd_part",
    "part",
    "remove_spikes",
    "reverse_current",
    "rotate_phase",
    "select",
    "set_angle",
    "shift_angle",
    "split",
    "subtract_control",
    "subtract_drift",
    "subtract_leads",
    "subtract_substrate",
    "to_resistance",
]
