"""What the instrument options of Quantum Design write: one entry an option, which `BYAPP` in the header names.

Heads of columns stand here as they are without their unit, in small letters, with single blanks and '' for ". Sources:
the files of tests/data (Resistivity, MPMS3), headers of AC Transport, ACMS and MPMS3 in the public repository
FAIRmat-NFDI/nomad-measurements, and column names in public analysis scripts (the others).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.header import Header
from spinstack.text.errors import NOTHING


@dataclass(frozen=True)
class Reading:
    """A reading, its columns and those of its error; several entries of one role are alternatives in their order.

    Args:
        role: the quantity.
        head: the column.
        error: the column of its standard error, in the same unit where it states none.
        times: a condition that it is multiplied by (a susceptibility, to become a moment).
    """

    role: str
    head: str
    error: str = ""
    times: str = ""


@dataclass(frozen=True)
class Channels:
    """What columns of a channel hold, by patterns with the number of the channel as a group; "" for none.

    Args:
        kind: what a channel is called.
        resistance: resistance.
        resistivity: resistivity.
        deviation: standard deviation, in the unit of the resistivity where there is one.
        volts: voltage, over the current.
        current: current, of the channel or (without a group) of all.
        frequency: frequency, in the same way.
        geometry: keys of the header for distance of contacts and cross-section, with {} for the channel.
        length: unit of the distance [m]; cross-sections are in its square.
    """

    kind: str
    resistance: str = ""
    resistivity: str = ""
    deviation: str = ""
    volts: str = ""
    current: str = ""
    frequency: str = ""
    geometry: tuple[str, ...] = ()
    length: float = 1e-2


@dataclass(frozen=True)
class Option:
    """How the files of an instrument option are read.

    Args:
        name: what people call it, and what a description calls it.
        byapp: pattern of what the header calls it.
        conditions: columns of each condition, in their order.
        channels: columns of channels.
        readings: columns of readings.
        units: of columns that state none.
        alternating: readings that have a frequency and a drive; in rows without them both are zero.
        note: what is said of each file.
    """

    name: str
    byapp: str
    conditions: Mapping[str, tuple[str, ...]]
    channels: Channels | None = None
    readings: tuple[Reading, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    alternating: tuple[str, ...] = ()
    note: str = ""


_USUAL: dict[str, tuple[str, ...]] = {
    "time": ("time stamp",),
    "temperature": ("temperature",),
    "field": ("magnetic field", "field"),
    "angle": ("sample position", "rotation angle"),
}
_AC = ("ac_moment_in_phase", "ac_moment_out_of_phase")
_SUSCEPTIBILITY = (
    Reading(_AC[0], "ac x'", "ac x' std err.", "drive_amplitude"),
    Reading(_AC[1], "ac x''", "ac x'' std err.", "drive_amplitude"),
)
_AC_CONDITIONS = {"frequency": ("ac frequency",), "drive_amplitude": ("ac drive",)}
_VIBRATED = (
    Reading("moment", "moment", "m. std. err."),
    Reading("moment", "dc moment fixed ctr", "dc moment err fixed ctr"),
    Reading("moment", "dc moment free ctr", "dc moment err free ctr"),
)
_squid = partial(
    Option, conditions=_USUAL | _AC_CONDITIONS, readings=_VIBRATED + _SUSCEPTIBILITY, alternating=_AC,
)  # fmt: skip

OPTIONS: tuple[Option, ...] = (
    Option(
        "resistivity", r"resistivity", _USUAL,
        channels=Channels(
            "bridge", r"bridge (\d) resistance", r"bridge (\d) resistivity", r"bridge (\d) std\. ?dev\.",
            current=r"bridge (\d) excitation",
        ),
    ),
    Option(
        "ac transport", r"ac ?transport.*", _USUAL,
        channels=Channels(
            "channel", "", r"res\. ch(\d)", r"res\. ?std\. ?dev\. ch(\d)", r"volts ch(\d)", "excitation", "frequency",
            # in cm and cm^2: in files, res. = volts / excitation * cross-section / separation with these units
            ("SAMPLE{}_LEAD_SEPARATION", "SAMPLE{}_CROSS_SECTION"),
        ),
        units={"volts ch1": "V", "volts ch2": "V"},
    ),
    Option(
        "electrical transport", r"electrical transport.*|eto", _USUAL,
        channels=Channels(
            "channel", r"resistance ch(\d)", "", r"resistance std\. ?dev\. ch(\d)", current=r"ac current ch(\d)",
            frequency=r"frequency ch(\d)",
        ),
    ),
    Option("vsm", r"(?:ppms |versalab |dynacool )?vsm(?: option)?", _USUAL, readings=_VIBRATED[:1]),
    _squid("mpms3", r"mpms ?3.*"),
    _squid("squid vsm", r"(?:mpms )?squid[- ]?vsm.*"),
    Option(
        "mpms", r"mpms(?:[- ]?(?:xl|2|5|5s|7|xl[- ]?[57]))?(?: measurement| multivu.*)?",
        {**_USUAL, "time": ("time", "time stamp"), "frequency": ("wave frequency",),
         "drive_amplitude": ("drive amplitude",)},
        readings=(
            Reading("moment", "long moment", "long scan std dev"),
            Reading(_AC[0], "m'", "m' scan std dev"),
            Reading(_AC[1], "m''", "m'' scan std dev"),
        ),
        units={"time": "s"},
        alternating=_AC,
    ),
    Option(
        "acms", r"acms", {**_USUAL, "frequency": ("frequency",), "drive_amplitude": ("amplitude",)},
        readings=(
            Reading("moment", "m-dc", "m-std.dev."),
            Reading(_AC[0], "m'", "m-std.dev."),
            Reading(_AC[1], "m''", "m-std.dev."),
        ),
        alternating=_AC,
        note="'Moment' is the size of the alternating response, which M' and M'' hold with their signs",
    ),
    Option(
        "acms ii", r"acms[- ]?(?:ii|2)(?: .*)?", _USUAL | _AC_CONDITIONS,
        readings=(
            Reading("moment", "dc moment", "dc std. err."),
            Reading("moment", "moment", "m. std. err."),
            *_SUSCEPTIBILITY,
        ),
        alternating=_AC,
    ),
    Option(
        "heat capacity", r"heat ?capacity.*", {**_USUAL, "temperature": ("sample temp",)},
        readings=(Reading("heat_capacity", "samp hc", "samp hc err"),),
    ),
    Option(
        "thermal transport", r"thermal[_ ]?transport.*|tto", {**_USUAL, "temperature": ("sample temp.", "sample temp")},
        readings=(
            Reading("thermal_conductivity", "conductivity", "cond. std.dev."),
            Reading("seebeck_coefficient", "seebeck coef.", "seebeck std.dev."),
            Reading("resistivity", "resistivity", "resist std.dev."),
        ),
    ),
    Option("other", r"(?!)", _USUAL),
)  # fmt: skip
NAMES = tuple(option.name for option in OPTIONS)


def option_of(header: Header, said: str | None) -> Option:
    """The option that wrote a file, by its header or as a description says.

    Raises :class:`MeasurementError` for a header that names none, or one that is not known.
    """
    if said is not None:
        return next(option for option in OPTIONS if option.name == said)
    written = str(header.get("BYAPP", "")).split(",")[0].strip()
    for option in OPTIONS:
        if re.fullmatch(option.byapp, " ".join(written.casefold().split())):
            return option
    why = "which is an instrument option that is not known" if written else "the header names no instrument option"
    remedy = 'If it writes files as one of them, say so in a description, such as option = "vsm"; else put '
    remedy += 'option = "other" and name the readings in columns.'
    got = written or NOTHING
    raise MeasurementError(why, field="BYAPP", got=got, allowed=", ".join(NAMES[:-1]), remedy=remedy)


def normal(name: str) -> str:
    """The name of a column as it stands in the table of options."""
    return " ".join(name.casefold().replace('"', "''").split())
