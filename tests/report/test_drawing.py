"""The film drawn in characters."""

import spinstack as ss
from spinstack.report.drawing import film_lines


def test_text_drawing_lines_are_equally_wide():
    lines = film_lines(
        (ss.Metal("Pt", thickness=5e-9, conductivity=2.8e6, spin_diffusion_length=2e-9) * 12) | ss.Vacuum()
    )
    assert len({len(line) for line in lines}) == 1
    assert sum("×12" in line for line in lines) == 1
    assert "Vacuum" in lines[1]
