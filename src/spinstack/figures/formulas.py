"""Chemical formulae in the texts of figures: RuO2 is printed RuO₂, while Pt1, N2 and layer2 stay what they are."""

from __future__ import annotations

import re

_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS = _names(
    """H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr
    Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au
    Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U"""
)
#: elements that close the formula of a salt; a number behind any other one may count the layers of an alloy (CoFe2)
_ANIONS = _names("O S Se Te F Cl Br I N P As H")
#: one atom to one: a number behind them counts layers (MgO1, MgO2)
_ONE_TO_ONE = _names("MgO NiO CoO FeO ZnO EuO EuS CaO SrO BaO PbS TiN TaN NbN CrN VN GaN AlN GaAs InAs GaP MnAs")
#: formulae that the rules leave out: of letters that also abbreviate (FI2, SC2), or of metals alone
_KNOWN = _names(
    """H2O CO2 VO2 V2O3 V2O5 VS2 WO2 WO3 WS2 UO2 Y2O3 MgB2 LaB6 CoSi2 NiSi2 FeSi2 MoSi2 WSi2 IrMn3 PtMn3 CoPt3 FePt3
    MnPt3 CrPt3 NiAl3 MgCu2 TbFe2 DyFe2 YFe2 SmCo5"""
)
#: a word of letters and numbers (with points inside), not a part of a longer word
_WORD = re.compile(r"(?<![A-Za-z0-9\\])(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?)+(?![A-Za-z0-9])")
_PART = re.compile(r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?")


def with_subscripts(text: str) -> str:
    """The text with the numbers of chemical formulae below the line."""
    return _WORD.sub(lambda found: _lowered(found[0]), text)


def _lowered(word: str) -> str:
    return word.translate(_DIGITS) if is_formula(word) else word


def is_formula(word: str) -> bool:
    """Whether a word is the formula of a compound of two elements or more, with at least one number in it."""
    if word in _KNOWN:
        return True
    parts = _PART.findall(word)
    symbols, counts = [symbol for symbol, _ in parts], [count for _, count in parts]
    if len(set(symbols)) < 2 or not set(symbols) <= _ELEMENTS or max(map(len, symbols)) == 1:
        return False
    whole = [count for count in counts if count and "." not in count]
    if any(count == "1" or count.startswith("0") or int(count) > 99 for count in whole):
        return False  # one atom is not counted, no count begins with zero, and 2024 is a year
    if any(counts[:-1]):
        return True
    return counts[-1] != "" and symbols[-1] in _ANIONS and word[: -len(counts[-1])] not in _ONE_TO_ONE
