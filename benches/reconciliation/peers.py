"""What others need for the same two files: each call is a process of its own, and prints its seconds.

    peers.py NAME LEDGER.csv SETTLEMENT.csv

What is timed begins with the files and ends with the number of charges that do not agree: the time that Python
takes to start and to load a library is left out.
"""

import sys
import time

# What a comparison takes; the report has twenty more columns.
LEDGER = ["charge", "amount"]
SETTLEMENT = ["source_id", "gross"]


def polars_needed(ledger, settlement):
    """The least that a join can be: only the two columns of each file that it takes are read."""
    import polars as pl

    def work():
        ours = pl.scan_csv(ledger).select(LEDGER)
        theirs = pl.scan_csv(settlement).select(SETTLEMENT).filter(pl.col("source_id").is_not_null())
        both = ours.join(theirs, left_on="charge", right_on="source_id", how="full", coalesce=True).collect()
        agrees = both.filter(pl.col("amount") == pl.col("gross")).height
        return both.height - agrees

    return work


def polars_whole(ledger, settlement):
    """The plain join of the two files, with what stands in them, as somebody needs who wants to see the rows."""
    import polars as pl

    def work():
        ours, theirs = pl.read_csv(ledger), pl.read_csv(settlement)
        theirs = theirs.filter(pl.col("source_id").is_not_null())
        both = ours.join(theirs, left_on="charge", right_on="source_id", how="full", coalesce=True)
        return both.height - both.filter(pl.col("amount") == pl.col("gross")).height

    return work


def duckdb_join(ledger, settlement):
    import duckdb

    def work():
        return duckdb.sql(
            f"""SELECT count(*) FROM read_csv('{ledger}') AS ours
                FULL OUTER JOIN (FROM read_csv('{settlement}') WHERE source_id IS NOT NULL) AS theirs
                ON ours.charge = theirs.source_id
                WHERE ours.amount IS DISTINCT FROM theirs.gross"""
        ).fetchall()[0][0]

    return work


def compared_by_datacompy(ours, theirs):
    import datacompy

    theirs = theirs.dropna(subset=["source_id"]).rename(columns={"source_id": "charge", "gross": "amount"})
    # `currency` is in both whole files, and written differently in none.
    compared = datacompy.PandasCompare(ours, theirs, join_columns="charge", df1_name="ours", df2_name="theirs")
    compared.report()
    differ = len(compared.intersect_rows) - compared.count_matching_rows()
    return differ + len(compared.df1_unq_rows) + len(compared.df2_unq_rows)


def pandas_needed(ledger, settlement):
    """Only compares, in memory, two columns of each file; nothing is kept."""
    import datacompy  # noqa: F401: loading it is no part of what is timed
    import pandas as pd

    def work():
        return compared_by_datacompy(
            pd.read_csv(ledger, usecols=LEDGER), pd.read_csv(settlement, usecols=SETTLEMENT)
        )

    return work


def pandas_whole(ledger, settlement):
    """The same of the two files as they are."""
    import datacompy  # noqa: F401
    import pandas as pd

    def work():
        return compared_by_datacompy(pd.read_csv(ledger), pd.read_csv(settlement))

    return work


PEERS = {
    "polars": polars_needed,
    "polars-whole": polars_whole,
    "duckdb": duckdb_join,
    "pandas-datacompy": pandas_needed,
    "pandas-datacompy-whole": pandas_whole,
}


def main():
    name, ledger, settlement = sys.argv[1:]
    work = PEERS[name](ledger, settlement)
    begin = time.perf_counter()
    disagree = work()
    print(f"{time.perf_counter() - begin:.3f} {disagree}")


main()
