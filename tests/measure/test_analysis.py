"""The registry of steps and analyses."""

from spinstack.measure import analysis as registry
from spinstack.study.arguments import beside, hints
from spinstack.text.units import In, parse_quantity


def test_every_analysis_and_its_figure_exist():
    import inspect

    import spinstack.figures

    for name, entry in registry.ANALYSES.items():
        function = registry.analysis(name)
        assert registry.feed(function) in ("each", "planes", "names", "list", "none")
        assert not entry.figure or entry.figure in registry.FIGURES
        taken = {"do", "name", "files", "of", "figure"} & set(list(inspect.signature(function).parameters)[1:])
        assert not taken, name
    assert set(registry.FIGURES) <= set(spinstack.figures.__all__)
    for name in registry.step_names():
        assert not {"do", "files"} & set(inspect.signature(registry.step_function(name)).parameters)


def test_units_beside_the_parameters_are_read():
    functions = [registry.step_function(name) for name in registry.step_names()]
    functions += [registry.analysis(name) for name in registry.ANALYSES]
    marks = {mark for function in functions for hint in hints(function).values() for mark in beside(hint)}
    for mark in marks:
        assert isinstance(mark, In)
        unit = mark.unit.replace("Ohm", "ohm")
        assert parse_quantity(f"2 {unit}", unit) == 2.0 if unit != "1" else mark.like
    assert {"T", "K", "deg", "eV", "m", "s"} <= {mark.unit for mark in marks}
