import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import tables
from records.errors import InputError

MINIMAL = "t,entity,kind,x,y\n0,a,player,1,2\n"


def csv(tmp_path, text):
    path = tmp_path / "tracks.csv"
    path.write_text(text, encoding="utf-8")
    return path


def full_table(name):
    """Return a table of two rows with every column filled."""
    made = {
        "f64": [0.5, 1.0],
        "f32": [0.25, 0.5],
        "i64": [1, 2],
        "i32": [1, 2],
        "str": ["a", "b"],
        "bool": [True, False],
        "list_f64": [[1.0, 2.0], [3.0]],
    }
    columns = {
        column.name: [column.choices[0]] * 2 if column.choices else made[column.type]
        for column in tables.SPECS[name].columns
    }
    return tables.table(name, columns)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("name", sorted(tables.SPECS))
def test_every_table_comes_back_equal(tmp_path, name, suffix):
    if suffix == "csv" and any(column.type == "list_f64" for column in tables.SPECS[name].columns):
        pytest.skip("lists are kept in parquet only")
    content = full_table(name)
    tables.write(tmp_path / f"x.{suffix}", name, content)
    assert tables.read(tmp_path / f"x.{suffix}", name).equals(content)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_nulls_come_back_as_nulls(tmp_path, tracks, suffix):
    content = tables.table("tracks", {**tracks, "sigma": [float("nan"), None, 0.1, 0.0, np.nan, 1.0]})
    tables.write(tmp_path / f"x.{suffix}", "tracks", content)
    back = tables.read(tmp_path / f"x.{suffix}", "tracks")
    assert back.equals(content)
    assert back["sigma"].null_count == 3
    assert tables.column(back, "observed").tolist() == [True, None, False, True, True, True]
    assert tables.column(back, "team").tolist()[:3] == ["away", "home", None]
    assert np.isnan(tables.column(back, "sigma")[:2]).all()
    assert tables.column(back, "x").dtype == np.float64


def test_provenance_is_kept_and_bytes_do_not_vary(tmp_path, tracks):
    content = tables.table("tracks", tracks)
    for name in ("a", "b"):
        tables.write(tmp_path / f"{name}.parquet", "tracks", content, {"model": "m1", "config": "c"})
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert tables.provenance(tmp_path / "a.parquet") == {"table": "tracks", "model": "m1", "config": "c"}
    pieces = pa.concat_tables([content.slice(0, 2), content.slice(2)])
    tables.write(tmp_path / "c.parquet", "tracks", pieces, {"config": "c", "model": "m1"})
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "c.parquet").read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MINIMAL + "1,a,player,zz,2\n", "column 'x', row 2: 'zz' is not of type f32"),
        (MINIMAL + "1,a,player,nan,2\n", "column 'x', row 2: cell is empty or NaN"),
        (MINIMAL + "1,a,player,inf,2\n", "column 'x', row 2: inf is not finite"),
        (MINIMAL + "1,,player,1,2\n", "column 'entity', row 2: cell is empty"),
        (MINIMAL + "0,a,player,1,2\n", "row 2: a second row for t 0.0, entity a"),
        ("t,entity,kind,x\n0,a,player,1\n", "missing column 'y'"),
        ("t,entity,kind,x,y,taem\n0,a,player,1,2,home\n", "did you mean 'team'"),
        ("t,entity,kind,x,y,Team\n0,a,player,1,2,home\n", "did you mean 'team'"),
        ("t,entity,kind,x,y,team\n0,a,player,1,2,red\n", "'red' is not one of home, away"),
        ("t,entity,kind,x,y,sigma\n0,a,player,1,2,-1\n", "column 'sigma', row 1: -1.0 is below 0"),
        ("t,entity,kind,x,y,observed\n0,a,player,1,2,maybe\n", "'maybe' is not of type bool"),
        ("t,t,entity,kind,x,y\n0,0,a,player,1,2\n", "column 't' is there twice"),
        ("t,entity,kind,x,y\n0,a,player\n", "Expected 5 columns"),
        ("", "not a readable table"),
    ],
)
def test_bad_cells_are_named_in_one_line(tmp_path, text, told):
    path = csv(tmp_path, text)
    with pytest.raises(InputError) as caught:
        tables.read(path, "tracks")
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_csv_as_other_programs_write_it(tmp_path):
    path = csv(
        tmp_path,
        "\ufeffy,x,kind,entity,t,observed,number,speed_kmh\r\n"
        "2, 1 ,player,7,0,True,NA,22\r\n3,1,,8,0,0,,21\r\n2,1,player,7,1e0,,9,20\r\n",
    )
    content = tables.read(path, "tracks")
    assert content.column_names == list(tables.SPECS["tracks"].names)
    assert tables.column(content, "entity").tolist() == ["7", "8", "7"]
    assert tables.column(content, "kind").tolist() == ["player", None, "player"]
    assert tables.column(content, "observed").tolist() == [True, False, None]
    assert tables.column(content, "number").tolist() == ["NA", None, "9"]
    assert tables.column(content, "t").tolist() == [0.0, 0.0, 1.0]


def test_a_csv_of_headers_only_is_an_empty_table(tmp_path):
    assert tables.read(csv(tmp_path, "t,entity,kind,x,y\n"), "tracks").num_rows == 0


def test_parquet_of_other_types_is_cast_where_nothing_is_lost(tmp_path):
    path = tmp_path / "tracks.parquet"
    pq.write_table(
        pa.table(
            {
                "t": [0, 1],
                "entity": [17, 17],
                "kind": pa.array(["player"] * 2).dictionary_encode(),
                "x": [1, 2],
                "y": [0.5, 0.25],
                "number": [9.0, 9.0],
            }
        ),
        path,
    )
    content = tables.read(path, "tracks")
    assert tables.column(content, "entity").tolist() == ["17", "17"]
    assert tables.column(content, "number").tolist() == ["9", "9"]
    pq.write_table(pa.table({"t": ["a"], "entity": ["b"], "kind": ["player"], "x": [1.0], "y": [1.0]}), path)
    with pytest.raises(InputError, match="column 't' is string, not f64"):
        tables.read(path, "tracks")
    path.write_bytes(b"PAR1 not at all")
    with pytest.raises(InputError, match="not a readable table"):
        tables.read(path, "tracks")


def test_columns_in_memory_are_checked_too(tracks):
    with pytest.raises(InputError, match="unknown column 'speed'"):
        tables.table("tracks", {**tracks, "speed": [1.0] * 6})
    with pytest.raises(InputError, match="different lengths"):
        tables.table("tracks", {**tracks, "sigma": [1.0]})
    with pytest.raises(InputError, match="'x' is not of type f32"):
        tables.table("tracks", {**tracks, "x": ["left"] * 6})
    with pytest.raises(InputError, match="dimensions"):
        tables.table("tracks", {**tracks, "x": np.zeros((6, 2))})
    with pytest.raises(InputError, match="unknown table 'trakcs'; did you mean 'tracks'"):
        tables.table("trakcs", tracks)
    with pytest.raises(InputError, match="unknown column"):
        tables.column(tables.table("tracks", tracks), "speeds")


def test_ordered_sorts_by_time_then_key_and_keeps_the_rest(tracks):
    rows = tables.table("tracks", tracks)
    shuffled = rows.take([4, 0, 5, 2, 1, 3])
    assert tables.ordered("tracks", shuffled).equals(rows)
    assert tables.ordered("tracks", rows) is rows
    events = tables.table("events", {"t": [1.0, 0.0, 1.0], "kind": ["touch", "whistle", "loose"]})
    assert tables.column(tables.ordered("events", events), "kind").tolist() == ["whistle", "loose", "touch"]


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.2]), st.sampled_from("abc")), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_doubled_rows_are_found_in_any_order(rows):
    columns = {
        "t": [t for t, _ in rows],
        "entity": [one for _, one in rows],
        "kind": ["player"] * len(rows),
        "x": [0.0] * len(rows),
        "y": [0.0] * len(rows),
    }
    if len(set(rows)) < len(rows):
        with pytest.raises(InputError, match="a second row"):
            tables.table("tracks", columns)
    else:
        assert tables.table("tracks", columns).num_rows == len(rows)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, tracks, monkeypatch):
    path = tmp_path / "tracks.parquet"
    tables.write(path, "tracks", tables.table("tracks", tracks))
    before = path.read_bytes()

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(InputError, match="No space left on device"):
        tables.write(path, "tracks", tables.table("tracks", tracks))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["tracks.parquet"]


def test_a_wrong_table_is_not_written(tmp_path):
    wrong = pa.table({"t": [0.0], "entity": ["a"], "kind": ["player"], "x": [1.0]})
    with pytest.raises(InputError, match="missing column 'y'"):
        tables.write(tmp_path / "tracks.parquet", "tracks", wrong)
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"\.parquet or \.csv"):
        tables.write(tmp_path / "tracks.txt", "tracks", tables.empty("tracks"))


def test_whole_numbers_with_gaps_are_floats(tracks):
    plays = tables.table("plays", {"play": ["p", "q"], "from": [0.0, 1.0], "to": [1.0, 2.0], "down": [1, None]})
    assert tables.column(plays, "down")[0] == 1.0
    assert np.isnan(tables.column(plays, "down")[1])
    frames = tables.table(
        "frames", {"frame": [3], "t": [0.1], "shot": [0], "quality": ["ok"], "width": [640], "height": [360]}
    )
    assert tables.column(frames, "frame").dtype == np.int64


def test_provenance_that_is_broken_is_an_error(tmp_path, tracks):
    content = tables.table("tracks", tracks).replace_schema_metadata({tables.PROVENANCE_KEY: b"[1, 2"})
    pq.write_table(content, tmp_path / "x.parquet")
    with pytest.raises(InputError, match="not a readable table"):
        tables.provenance(tmp_path / "x.parquet")
    pq.write_table(
        content.replace_schema_metadata({tables.PROVENANCE_KEY: json.dumps({"a": 1}).encode()}), tmp_path / "x.parquet"
    )
    assert tables.provenance(tmp_path / "x.parquet") == {"a": "1"}


def test_text_in_parquet_that_is_no_utf_8_is_refused(tmp_path):
    path = tmp_path / "tracks.parquet"
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xe5\x28"], pa.binary()).buffers())
    pq.write_table(pa.table({"t": [0.0], "entity": ["a"], "kind": broken, "x": [1.0], "y": [2.0]}), path)
    with pytest.raises(InputError, match=r"not a readable table.*tracks\.parquet"):
        tables.read(path, "tracks")
