"""Measured files as bytes, and how to read the one without column names."""

from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
FESI = (DATA / "fesi-admr" / "300818E2488-xy").read_bytes()
PPMS = b"".join((DATA / "snse-nbse2-ppms" / "Resistivity_Ch1_TMR_Ch2_Hall_test.dat").read_bytes().splitlines(True)[:80])
SQUID = (DATA / "squidvsm-film-mh" / "S2-IP-MH@5K_2T_course_8kOe_fine.dat").read_bytes()
NI = (DATA / "ni-bh" / "45001S.DAT").read_bytes()
LOOP = {
    "first_line": 7,
    "skip_end": 1,
    "columns": {"field": {"column": 1, "unit": "A/m"}, "induction": {"column": 2, "unit": "G"}},
}
