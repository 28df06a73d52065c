"""Runs every part of the comparison in rounds, and prints one table: called by scripts/bench-reconciliation.

    measure.py AVSTEM WORLD ROUNDS PYTHON-OF-THE-PEERS
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEERS = ["polars", "polars-whole", "duckdb", "pandas-datacompy", "pandas-datacompy-whole"]
HERE = Path(__file__).parent


def run(arguments, **options):
    """Seconds of wall time and of CPU, and the most memory in MB, of a whole process."""
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    # Breaks and problems are no failure here: 3 says that something was found.
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise SystemExit(f"{arguments} failed:\n{err.decode()}")
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall": wall, "cpu": cpu, "mb": usage.ru_maxrss / 1024, "out": out.decode(), "err": err.decode()}


def ours(avstem, world):
    """One import and one reconciliation of a fresh copy of the world."""
    database = world / "run.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    shutil.copyfile(world / "avstem.db", database)
    settings = world / "avstem.toml"
    settings.write_text(
        f'database_url = "sqlite://{database.resolve()}"\n'
        '[connections.stripe]\nwebhook_secrets = ["whsec_of_the_benches"]\n'
    )
    os.sync()
    common = [avstem, "--config", str(settings), "--quiet"]
    taken = run([*common, "import", "settlement", "--connection", "stripe", str(world / "settlement.csv")])
    # As JSON: what reconciling finds, without the picture of the whole ledger that people get with it.
    reconciled = run([*common, "reconcile", "--json"])
    return taken, reconciled


def main():
    avstem, world, rounds, python = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    results = {}

    def note(name, one):
        results.setdefault(name, []).append(one)

    for number in range(rounds):
        print(f"round {number + 1} of {rounds} …", file=sys.stderr)
        taken, reconciled = ours(avstem, world)
        print(json.loads(reconciled["out"])["breaks"], reconciled["err"], file=sys.stderr)
        note("import", taken)
        note("reconcile", reconciled)
        together = {key: taken[key] + reconciled[key] for key in ("wall", "cpu")}
        note("together", together | {"mb": max(taken["mb"], reconciled["mb"])})
        if python == "none":
            continue
        for peer in PEERS:
            files = [str(world / "ledger.csv"), str(world / "settlement.csv")]
            one = run([python, str(HERE / "peers.py"), peer, *files])
            seconds, disagree = one["out"].split()
            note(peer, one | {"wall": float(seconds), "disagree": int(disagree)})
    show(results, world)


def show(results, world):
    def middle(name, key):
        return statistics.median(one[key] for one in results[name])

    bytes_read = (world / "settlement.csv").stat().st_size
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{world.name}: {bytes_read / 1e6:.0f} MB, {os.cpu_count()} cores, load {load}")
    # With the least that others read, and with the whole files, which is what we take in.
    shown = [peer for peer in PEERS if peer in results and peer != "duckdb"]
    print(f"| what | s | CPU s | memory MB | {' | '.join('of ' + peer for peer in shown)} |")
    print("|---" * (4 + len(shown)) + "|")
    for name in results:
        wall = middle(name, "wall")
        shares = "".join(f" {wall / middle(peer, 'wall'):.2f} |" for peer in shown)
        print(f"| {name} | {wall:.2f} | {middle(name, 'cpu'):.2f} | {middle(name, 'mb'):.0f} |{shares}")
    wanted = []
    if shown:
        for end, files in (("", "two columns of the files"), ("-whole", "the whole files")):
            of_polars = middle("reconcile", "wall") / middle(f"polars{end}", "wall")
            of_pandas = middle("together", "wall") / middle(f"pandas-datacompy{end}", "wall")
            wanted.append((f"reconcile at most 1.5 of polars' join of {files}", of_polars <= 1.5))
            wanted.append((f"together faster than pandas + datacompy with {files}", of_pandas < 1))
            # For scripts/bench.
            name = end.replace("-", "_")
            print(f"FIGURE reconcile_of_polars{name} {100 * of_polars:.1f} %")
            print(f"FIGURE reconciliation_of_pandas{name} {100 * of_pandas:.1f} %")
        counts = {one["disagree"] for peer in PEERS for one in results[peer]}
        print(f"charges that do not agree, by the others: {counts}")
    wanted.append(("less than 400 MB", middle("together", "mb") < 400))
    print(f"FIGURE reconciliation_memory {middle('together', 'mb'):.0f} MB")
    for what, passes in wanted:
        print(f"{what}: {'pass' if passes else 'short'}")


main()
