"""Does the suite see small wrongs that are put into the code?

    OMP_NUM_THREADS=1 python benchmarks/mutants.py --save seen.jsonl      # all, one by one
    OMP_NUM_THREADS=1 python benchmarks/mutants.py --steps pool,stop --save seen.jsonl
    OMP_NUM_THREADS=1 python benchmarks/mutants.py --every 7       # twenty, after tests changed
    python benchmarks/mutants.py --save seen.jsonl --list   # what the file holds, no run

Each wrong of `_mutants.py` is put, alone, into a copy of the package in a temporary folder, and the
tests run there until one fails: those about its file first, doctests among them, then, if they all
pass, the other files of tests but the slow ones. "Seen" is a wrong that made one fail. In the end
the tests that failed run once on the code as it is, where they must pass. `--save` keeps a line of
JSON per wrong; a further run goes on from it, asks again of those that were not seen, and leaves
out what no longer stands in the code.
"""

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest
from _mutants import FIRST, all_mutants

ROOT = Path(__file__).resolve().parents[1]
COPIED = [
    "sklearn_mi",
    "tests",
    "benchmarks",
    "examples",
    "pyproject.toml",
    "setup.cfg",
    "README.md",
]
# Files of tests that take long, or that read the sources.
SLOW = re.compile(
    r"test_(docs|examples|readme|layers_of|common|report|plot|tables|info_cam|local|robust)"
    r"|benchmarks/test_(?!ways_in)"
)
OF_THE_PROJECT = re.compile(r"(sklearn_mi|conftest|test_|small_fits)")
LOADED = ["torch", "skorch", "pandas", "scipy.stats", "sklearn.ensemble", "hypothesis"]
LIMIT = 1800  # seconds of one call of pytest; a wrong that makes it hang is seen


def chosen(steps=None):
    """The wrongs of some steps, or of all."""
    mutants = all_mutants()
    known = list(dict.fromkeys(step for step, *_ in mutants))
    if unknown := set(steps or known) - set(known):
        raise SystemExit(f"no steps {sorted(unknown)} among {', '.join(known)}")
    return [mutant for mutant in mutants if steps is None or mutant[0] in steps]


def applies(root, mutant):
    """Whether the piece stands in its file exactly once."""
    _, file, old, _ = mutant
    path = root / "sklearn_mi" / f"{file}.py"
    return path.exists() and path.read_text(encoding="utf-8").count(old) == 1


def copy_of(root, folder):
    """What the tests need, in a folder of their own."""
    for name in filter(lambda name: (root / name).exists(), COPIED):
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "results")
            shutil.copytree(root / name, folder / name, ignore=ignored)
        else:
            shutil.copy(root / name, folder / name)
    return folder


def tests_of(root, file):
    """Files about a source file, and the rest of the quick ones."""
    paths = sorted((root / "tests").rglob("test_*.py"))
    names = {path.stem: path.relative_to(root).as_posix() for path in paths}
    first = [names[f"test_{name}"] for name in FIRST[file].split()]
    rest = [name for name in names.values() if name not in first and not SLOW.search(name)]
    return [f"sklearn_mi/{file}.py", *first], rest


class FirstFailure:
    """A plugin of pytest that remembers the first test to fail, or file that cannot be read."""

    name = None

    def pytest_runtest_logreport(self, report):
        if report.failed and self.name is None:
            self.name = report.nodeid

    pytest_collectreport = pytest_runtest_logreport


def run_tests(folder, tests):
    """The first test that fails, or None.

    In a fork of this process, which has loaded what takes long and nothing of the package.
    """
    context = multiprocessing.get_context("fork")
    answer, told = context.Pipe(duplex=False)
    child = context.Process(target=_run_tests, args=(folder, tests, told))
    child.start()
    told.close()
    try:
        return answer.recv() if answer.poll(LIMIT) else "no end"
    except EOFError:
        return "no answer"
    finally:
        child.kill()
        child.join()


def _run_tests(folder, tests, told):
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ |= {"MPLBACKEND": "Agg", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if OF_THE_PROJECT.match(name)]:
        del sys.modules[name]
    watcher, usual = FirstFailure(), ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        code = pytest.main([*usual, *tests], plugins=[watcher])
    told.send(watcher.name or (f"pytest ended with {code}" if code else None))


def try_out(folder, mutant):
    """The line of one wrong, put into the copy and taken out again."""
    step, file, old, new = mutant
    path, start = folder / "sklearn_mi" / f"{file}.py", time.perf_counter()
    as_it_is = path.read_text(encoding="utf-8")
    path.write_text(as_it_is.replace(old, new), encoding="utf-8")
    try:
        by = next(
            filter(None, (run_tests(folder, tests) for tests in tests_of(folder, file))), None
        )
    finally:
        path.write_text(as_it_is, encoding="utf-8")
    seconds = round(time.perf_counter() - start, 1)
    return {"step": step, "file": file, "old": old, "new": new, "by": by, "seconds": seconds}


def key(line):
    return tuple(line[name] for name in ("step", "file", "old", "new"))


def read(path):
    """The last line of each wrong in a file of JSON."""
    path = Path(path)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {key(line): line for line in map(json.loads, lines)}


def report(lines, stale):
    """How many are seen, for each step, and those that are not."""
    rows = [f"{'step':9} {'seen':>4} {'of':>3} {'s each':>6}"]
    for step in [*dict.fromkeys(line["step"] for line in lines), None]:
        own = [line for line in lines if step in (None, line["step"])]
        seen = sum(line["by"] is not None for line in own)
        mean = sum(line["seconds"] for line in own) / max(1, len(own))
        rows.append(f"{step or 'all':9} {seen:4} {len(own):3} {mean:6.0f}")
    for line in lines:
        if "::" not in (line["by"] or ""):
            said = line["by"] or "not seen"
            rows.append(f"{said}: {line['file']}: {line['old']!r} as {line['new']!r}")
    rows += [f"does not apply: {file}: {old!r}" for _, file, old, _ in stale]
    return "\n".join(rows)


def shown(line):
    by = line["by"] or "NOT SEEN"
    return f"{line['seconds']:6.1f} s  {line['file']:22} {line['old'][:40]!r:44} {by}"


def wrongly_failing(folder, lines):
    """A test that failed for a wrong and fails without it, or None."""
    by = sorted({line["by"] for line in lines if "::" in (line["by"] or "")})
    return run_tests(folder, by) if by else None


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=lambda text: text.split(","), help="only these")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth of them")
    parser.add_argument("--save", help="a file for a line of JSON per wrong, to go on from")
    parser.add_argument("--list", action="store_true", help="report on the file, and run nothing")
    return parser.parse_args(arguments)


def main(arguments=None, root=ROOT):
    args = parse(arguments)
    wanted = chosen(args.steps)[:: args.every]
    stale = [mutant for mutant in wanted if not applies(root, mutant)]
    known = read(args.save) if args.save else {}
    found = {mutant: known[mutant] for mutant in wanted if mutant in known}
    for name in [] if args.list else LOADED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        folder = copy_of(root, Path(folder))
        for mutant in wanted:
            seen = mutant in found and found[mutant]["by"]
            if seen or mutant in stale or args.list:
                continue
            found[mutant] = line = try_out(folder, mutant)
            print(shown(line), flush=True)
            if args.save:
                with open(args.save, "a", encoding="utf-8") as file:
                    print(json.dumps(line), file=file)
        lines = [line for mutant, line in found.items() if mutant not in stale]
        wrong = None if args.list else wrongly_failing(folder, lines)
    print(report(lines, stale))
    if wrong:
        print(f"fails on the code as it is: {wrong}")


if __name__ == "__main__":
    main()
