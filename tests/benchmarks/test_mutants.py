"""Small wrongs put into the code: they apply, they are wrong, and a tiny suite sees them or not."""

import json

import pytest
from benchmark_modules import BENCHMARKS, load

mutants = load("mutants")
ROOT = BENCHMARKS.parent


def test_at_least_sixty_stand_in_the_code_and_each_is_python():
    chosen = mutants.chosen()
    assert len(set(chosen)) == len(chosen)
    applying = [mutant for mutant in chosen if mutants.applies(ROOT, mutant)]
    assert len(applying) >= 60
    for _, file, old, new in applying:
        source = (ROOT / "sklearn_mi" / f"{file}.py").read_text(encoding="utf-8")
        assert old != new
        compile(source.replace(old, new), file, "exec")
        first, rest = mutants.tests_of(ROOT, file)
        assert len(first) > 1 and not set(first) & set(rest)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A package of one file, and tests that look at one of its two functions."""
    source = "def half(x):\n    return x / 2\n\n\ndef third(x):\n    return x / 3\n"
    test = "from sklearn_mi._members import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
    for name, text in [
        ("sklearn_mi/__init__.py", ""),
        ("sklearn_mi/_members.py", source),
        ("tests/test_members.py", test),
        ("tests/test_other.py", "def test_nothing():\n    pass\n"),
    ]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    wrongs = [("score", "_members", old, old.replace("/", "*")) for old in ("x / 2", "x / 3")]
    wrongs.append(("pool", "_members", "x / 4", "x"))
    monkeypatch.setattr(mutants, "all_mutants", lambda: wrongs)
    monkeypatch.setattr(mutants, "FIRST", {"_members": "members"})
    monkeypatch.setattr(mutants, "LOADED", [])
    return tmp_path


def test_wrongs_are_seen_or_not_and_the_code_stays_as_it_is(project, tmp_path, capsys):
    before, save = (project / "sklearn_mi/_members.py").read_text(), tmp_path / "seen.jsonl"
    mutants.main(["--save", str(save)], project)
    out = capsys.readouterr().out
    assert (project / "sklearn_mi/_members.py").read_text() == before
    assert [json.loads(line)["by"] for line in save.read_text().splitlines()] == [
        "tests/test_members.py::test_half",
        None,
    ]
    assert "not seen: _members: 'x / 3' as 'x * 3'" in out
    assert "does not apply: _members: 'x / 4'" in out
    assert "fails on the code" not in out
    assert "all          1   2" in out
    mutants.main(["--save", str(save), "--list"], project)
    assert "all          1   2" in capsys.readouterr().out


def test_a_test_that_fails_anyway_is_told(project):
    lines = [{"by": "tests/test_members.py::test_half"}, {"by": None}, {"by": "no end"}]
    (project / "tests/test_members.py").write_text("def test_half():\n    assert False\n")
    assert mutants.wrongly_failing(project, lines) == lines[0]["by"]
    assert mutants.wrongly_failing(project, lines[1:]) is None


def test_unknown_steps_are_refused():
    with pytest.raises(SystemExit, match=r"no steps \['dance'\] among encode, split, train, stop"):
        mutants.chosen(["dance"])
