"""What programs of others read in an export, asked by the tests: books.py COMMAND FILE.

Writes one JSON value to standard output. Numbers are text there, so that nothing rounds them again.
"""

import json
import sys
from datetime import date, datetime, timezone
from decimal import Decimal

import duckdb
import openpyxl


def text(value):
    """A value as an export in JSON has it, next to what kind of value it was."""
    if value is None:
        return ["null", None]
    if isinstance(value, bool):
        return ["flag", value]
    if isinstance(value, (int, float, Decimal)):
        return ["number", str(value)]
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value
        return ["time", moment.astimezone(timezone.utc).isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    return ["text", value]


def cell(of):
    kind, value = text(of.value)
    # A workbook knows no days, only times with a format that shows the day.
    if kind == "time" and of.number_format == "yyyy-mm-dd":
        return ["day", value[:10]]
    if kind == "text" and of.data_type != "s":
        return ["formula", value]
    return [kind, value]


def xlsx(file):
    book = openpyxl.load_workbook(file)
    sheets = {sheet.title: [[cell(of) for of in row] for row in sheet.iter_rows()] for sheet in book}
    formats = {
        sheet.title: [of.number_format for of in row]
        for sheet in book
        for row in sheet.iter_rows(min_row=2, max_row=2)
    }
    return {"sheets": sheets, "formats": formats, "created": book.properties.created.isoformat()}


def parquet(file):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    table = connection.from_parquet(file)
    rows = [[text(value) for value in row] for row in table.fetchall()]
    return {"columns": table.columns, "types": [str(one) for one in table.types], "rows": rows}


def cp437(file):
    with open(file, "rb") as source:
        return source.read().decode("cp437")


COMMANDS = {"xlsx": xlsx, "parquet": parquet, "cp437": cp437}

json.dump(COMMANDS[sys.argv[1]](sys.argv[2]), sys.stdout)
