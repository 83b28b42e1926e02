"""The kit's own tables: names stay text, numbers come back to the last bit, damage is told."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.files.tables import read_table

TYPES = {"value": float, "fold": int, "significant": bool}
names = st.one_of(
    st.sampled_from(["1", "001", "NA", "null", "nan", "1e3", "-0", "True", "", " a ", "a,b", 'a"b', "a\nb", "Zoë"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=20),
)
rows = st.tuples(names, st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans())


@given(st.lists(rows, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read(rows):
    table = pd.DataFrame(rows, columns=["name", *TYPES]).astype({"name": "str", "value": float})
    read = read_table(io.StringIO(table.to_csv(index=False)), TYPES)
    pd.testing.assert_frame_equal(read, table, check_exact=True)


def test_a_file_is_named_and_its_columns_without_rows_keep_their_types(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,value,fold,significant\n", encoding="utf-8-sig")
    assert list(read_table(path, TYPES).dtypes.astype(str)) == ["str", "float64", "int64", "bool"]
    path.write_text("")
    with pytest.raises(ValueError, match="t.csv is empty"):
        read_table(path, TYPES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,value\na,1\n", "the column 'fold' is missing; there are name, value"),
        ("name,fold\na,1.5\n", "column 'fold', line 2: '1.5' is not a whole number"),
        ("name,fold\na,1\nb\n", "line 3: 1 cells, but 2 columns"),
        ("name,fold\na,1,2\n", "line 2: 3 cells, but 2 columns"),
        ('name,fold\na,1\n"b,2\n', "damaged after line 2"),
        ("fold,fold\n1,2\n", "a column is there twice"),
        (f"name,fold\na,{2**63}\n", "is not a whole number"),
    ],
)
def test_damage_is_told(text, told):
    with pytest.raises(ValueError, match=told):
        read_table(io.StringIO(text), {"fold": int})
