"""Where things stand in a sample file: the line of every key, however the TOML is written."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from spinstack.samples.sample_file import parse_document
from spinstack.text.toml_lines import key_lines

# every number in this text is the line it stands on
ODD_TOML = '''# 1 [not.a.table]
top = 2
"quoted key" = 3
'literal = key' = 4
a.b.c = 5
a.b."d.e" = 6
"t\\u00e9" = 7
text = """ a = 1
[x]
# not a comment """
after = 11
odd = """five quotes: """""
again = 13
lit = \'\'\'
key = "open
\'\'\'
last = 17
list = [ 18, # comment ] with brackets
  19,

  [21, 21,
   22],
  {x = 23, y.z = 23}, "[", # ]
   ]
when = [1979-05-27 07:32:00, 25]  # 25
none = []
[ table . "sub table" ]   # comment
k = 28
inline = { p = 29, q = [29, { r = 29 }], "s=t" = 29 }
[[film]]
k = 31
elements = [
  { k = 33, deep = [ { k = 33 } ] },
  { k = 34 }
]
[film.extra]
k = 37
[[film]]
[[film.elements]]
k = 40
[[film.elements]]
k = 42
[film.elements.more]
k = 44
[[film]]
k = 46
'''


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inside, (*path, key))
    else:
        yield path, value


def assert_numbers_are_lines(text):
    lines = key_lines(text)
    numbers = [(path, value) for path, value in leaves(tomllib.loads(text)) if type(value) is int]
    assert {path: lines[path] for path, _ in numbers} == dict(numbers)
    return len(numbers)


def test_every_key_and_entry_is_found_on_its_line():
    assert assert_numbers_are_lines(ODD_TOML) == 31
    assert assert_numbers_are_lines(ODD_TOML.replace("\n", "\r\n")) == 31


def test_headers_and_texts_are_found_on_the_line_where_they_begin():
    document = parse_document(f"spinstack = 1\n{ODD_TOML}", allowed=["spinstack", *tomllib.loads(ODD_TOML)])
    expected = {("text",): 8, ("after",): 11, ("table",): 27, ("film",): 30, ("film", 0, "elements", 1): 34}
    expected |= {("film", 0, "extra"): 36, ("film", 1): 38, ("film", 1, "elements", 1): 41, ("list", 3): 23}
    assert {path: document.line_of(path) - 1 for path in expected} == expected
    # what is not there is looked for in what would hold it
    assert document.line_of(("film", 2, "thickness")) == document.line_of(("film", 2)) == 46
    assert document.line_of(("nowhere",)) == 1


BLANKS = st.sampled_from(["", "\n", "  # [no] = {1\n", "\n\n\t\n"])


@given(st.data())
def test_lines_of_random_nested_lists_and_tables(data):
    out = ["k = 1\n"]

    def line():
        return "".join(out).count("\n") + 1

    def value(depth):
        shape = data.draw(st.sampled_from(["number", "list", "table"] if depth < 3 else ["number"]))
        if shape == "number":
            out.append(str(line()))
        elif shape == "table":  # stays on one line in TOML 1.0
            out.append("{" + ", ".join(f'"{k}]" = {line()}' for k in range(data.draw(st.integers(0, 3)))) + "}")
        else:
            out.append("[")
            for _ in range(data.draw(st.integers(0, 3))):
                out.append(data.draw(BLANKS))
                value(depth + 1)
                out.append(" ,")
            out.append(data.draw(BLANKS) + "]")

    for i in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            out.append(f"[[t.'[{i % 2}']]\n")
        out.append(f"k{i}.x = ")
        value(0)
        out.append("\n" + data.draw(BLANKS))
    assert assert_numbers_are_lines("".join(out)) >= 1
