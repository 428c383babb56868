"""Files that adapters read: tables as csv or parquet, alone or a folder of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from records.errors import InputError


def table_files(source: Path, beside: Collection[str] = ()) -> list[Path]:
    """Return the csv and parquet files of a folder, sorted, or the one file that ``source`` is.

    Args:
        source: file or folder.
        beside: stems of files that lie beside and hold something else.
    """
    if not source.is_dir():
        return [source]
    return sorted(one for one in source.iterdir() if one.suffix in (".csv", ".parquet") and one.stem not in beside)


def read_table(file: Path) -> pa.Table:
    """Read a table: parquet by its suffix, else csv.

    Raises:
        InputError: if it is no table, or cannot be read.
    """
    try:
        return parquet.read_table(file) if file.suffix == ".parquet" else csv.read_csv(file)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a table ({str(error).splitlines()[0]})", where=str(file)) from None
