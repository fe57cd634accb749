"""The benchmark: it measures what it says, in turn, and notices when two tools did not make the same."""

from __future__ import annotations

import dataclasses
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import main, report, works
from benchmarks.bench import Bench
from benchmarks.equivalence import differing_files, differing_manifests, manifests
from benchmarks.files import read_tree
from benchmarks.measure import BenchmarkError, Command, Meter, Sample, Work, interleave, ratio
from benchmarks.peers import PEERS
from benchmarks.pieces import Example, Use, jinja, parameters, splitter, templates
from benchmarks.plot import chart
from benchmarks.projects import copy_project, made_environments, template_paths
from benchmarks.results import Results, RowResult, SeriesResult, compare, from_json, to_json
from benchmarks.rows import ROWS, SERIES
from benchmarks.tools import MissingToolError, Tools
from tests.conftest import ROOT, oetgen, rows


def work(name: str) -> Work:
    return Work(name, lambda number: Command((name, str(number)), Path(), Path()))


def python(code: str, expects: str = "") -> Command:
    return Command((sys.executable, "-c", code), Path("/"), Path("/"), expects)


@pytest.fixture
def meter(tmp_path: Path) -> Meter:
    return Meter(tmp_path)


# How it measures


def test_works_run_in_turn_and_the_first_round_does_not_count() -> None:
    ran: list[str] = []

    def measure(command: Command) -> Sample:
        ran.append(" ".join(command.arguments))
        return Sample(len(ran), 0, 0)

    samples = interleave([work("a"), work("b")], 2, measure)
    assert ran == ["a 0", "b 0", "a 1", "b 1", "a 2", "b 2"]
    assert [[each.wall for each in taken] for taken in samples] == [[3, 5], [4, 6]]


def test_the_ratio_is_that_of_each_round() -> None:
    """A machine that is three times as slow in one round changes nothing."""
    found = ratio([1.0, 3.0, 1.2], [2.0, 6.0, 2.0])
    assert found.median == 0.5
    assert (found.low, found.high) == (0.5, 0.6)


def test_a_process_is_measured(meter: Meter) -> None:
    small, large = (meter(python(f"x = b'x' * {size}")) for size in (1, 50_000_000))
    assert small.cpu > 0
    assert small.wall > 0
    assert 40_000 < large.peak - small.peak < 80_000


def test_what_this_process_holds_does_not_count(meter: Meter) -> None:
    ballast = b"x" * 100_000_000
    assert meter(python("pass")).peak < len(ballast) // 1024 // 2


@pytest.mark.parametrize("command", [python("raise SystemExit(3)"), python("print('no')", expects="done")])
def test_a_command_that_did_something_else_is_no_measurement(meter: Meter, command: Command) -> None:
    with pytest.raises(BenchmarkError, match="exit status"):
        meter(command)


def test_the_environment_of_a_shell_reaches_no_measurement(
    meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    meter(python("import sys; print(sys.dont_write_bytecode)", expects="False"))


# What it compares

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"


def test_order_style_and_comments_of_manifests_do_not_matter() -> None:
    ours = manifests([DEPLOYMENT, SERVICE])
    other_style = DEPLOYMENT.replace("{replicas: 3}", "\n  replicas: 3 # three")
    theirs = manifests([f"# theirs\n{SERVICE}---\n{other_style}"])
    assert differing_manifests(ours, theirs) == []


@pytest.mark.parametrize("theirs", [DEPLOYMENT.replace("3", "4"), DEPLOYMENT.replace("3", "'3'"), ""])
def test_a_manifest_that_differs_or_lacks_is_noticed(theirs: str) -> None:
    found = differing_manifests(manifests([DEPLOYMENT, SERVICE]), manifests([theirs, "---\n", SERVICE]))
    assert found == ["apps/v1 Deployment web"]


def test_files_differ_by_what_yaml_means_and_by_the_text_of_others() -> None:
    ours = {"a.yaml": "x: 1\n", "b.tf": "x = 1\n", "c.sh": "true\n", "d.yml": "x: 1\n"}
    theirs = {"a.yaml": "{x: 1} # one", "b.tf": "x  = 1\n", "c.sh": "true", "e.yml": "x: 1\n"}
    assert differing_files(ours, theirs) == ["b.tf", "d.yml", "e.yml"]


# What the peers get

VALUES = parameters(
    {"project": "oet", "suffix": "-t1", "services": {"web": {"port": 8080, "on": True}}, "zones": ["abc"]}
)


def test_every_value_is_a_parameter_with_a_name_of_one_word() -> None:
    assert VALUES == {
        "project": "oet",
        "suffix": "-t1",
        "services_web_port": 8080,
        "services_web_on": True,
        "zones_0": "abc",
    }


def test_two_values_never_share_a_name() -> None:
    assert sorted(parameters({"a-b": 1, "a_b": 2, "a": {"b": 3}}).values()) == [1, 2, 3]


def test_values_are_found_as_whole_words() -> None:
    pieces = splitter(VALUES)("oet-web-t1 on 8080, not 18080 or oetxyz")
    assert pieces == [
        Use("project"),
        "-web",
        Use("suffix"),
        " on ",
        Use("services_web_port"),
        ", not 18080 or oetxyz",
    ]


@rows("text", ["${{ github.ref }}", "${#array}", "{%", "${oet}", "{oet}", "{{{{oet}}}}", "{"])
def test_a_template_renders_to_the_text_that_it_was_made_from(text: str) -> None:
    import jinja2

    template = jinja(splitter(VALUES)(text), "values.")
    assert jinja2.Template(template).render(values=VALUES) == text


@pytest.mark.parametrize("name", ["kapitan", "cookiecutter", "copier", "helm"])
def test_peers_get_the_values_of_an_environment_and_none_in_their_templates(
    name: str, tmp_path: Path
) -> None:
    example = Example("prod", {"host": "app.example.org"}, {"a/b.yaml": "host: app.example.org\n"})
    assert PEERS[name].project(tmp_path, [example]) == 1
    holding = [path for path, text in read_tree(tmp_path).items() if "app.example.org" in text]
    assert len(holding) == 1


@pytest.mark.parametrize("name", ["jsonnet", "kcl"])
def test_programs_keep_the_type_of_every_value(name: str, tmp_path: Path) -> None:
    example = Example("prod", {"port": 8080}, {"a.yaml": "port: 8080\ntext: '8080'\non: true\n"})
    assert PEERS[name].project(tmp_path, [example]) == 1
    program = next(text for path, text in read_tree(tmp_path).items() if path.endswith((".jsonnet", ".k")))
    assert '"text": "8080"' in program


def test_kapitan_shares_templates_among_environments_that_differ_in_values_alone(tmp_path: Path) -> None:
    examples = [Example(env, {"name": f"tenant-{env}"}, {"a.yaml": f"x: tenant-{env}\n"}) for env in "ab"]
    PEERS["kapitan"].project(tmp_path, examples)
    assert len(list((tmp_path / "inventory/classes").iterdir())) == 1
    assert len(list((tmp_path / "inventory/targets").iterdir())) == 2


def test_a_template_counts_its_places() -> None:
    texts, count = templates(
        Example("prod", {"a": "one", "b": "two"}, {"x": "one two one", "y": "two"}), "v."
    )
    assert texts == {"x": "{{ v.a }} {{ v.b }} {{ v.a }}", "y": "{{ v.b }}"}
    assert count == 4


# What it makes projects of


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_project_has_as_many_environments_as_were_asked_for_and_all_are_right(
    count: int, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project", count)
    assert len(project.environments()) == count
    result = oetgen("-C", str(project.root), "render", "--all")
    assert (result.status, result.err) == (0, "")


def test_made_environments_are_always_the_same() -> None:
    assert made_environments(1000) == made_environments(1000)
    assert list(made_environments(1000))[-1] == "tenant-0997"


def test_more_templates_make_more_files_of_the_same_kinds(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", 1, templates=2)
    assert len(template_paths(project.root / "templates")) == 2 * len(template_paths(ROOT / "templates"))
    assert oetgen("-C", str(project.root), "render", "prod").status == 0
    files = project.files("prod")
    once = [path for path in files if "copy-2" not in path]
    assert len(files) == 2 * len(once)
    kinds = [sorted(Path(path).suffix for path in some) for some in (once, files)]
    assert kinds[1] == sorted(2 * kinds[0])


def test_a_change_makes_an_environment_new_and_out_is_put_aside(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", 1)
    for number in (1, 2):
        project.change("prod", number)
        project.move_output_away()
        result = oetgen("-C", str(project.root), "render", "prod")
        assert " created" in result.out.splitlines()[-1]
        assert f":round-{number}" in project.files("prod")["k8s/frontend-deployment.yaml"]
    values = (project.root / "environments/prod.yaml").read_text("utf-8")
    assert values.count("image_tag") == 1


# What it says

ROW = RowResult("this", "that", 1.0, 0.5, False, 15, 0.8, 0.7, 0.9, 0.8, 80.0, 100.0)
SERIES_RESULT = SeriesResult("time", "file", {10: 1.0, 100: 1.9, 1000: 10.9})


def results(**rows: RowResult) -> Results:
    return Results(
        "2030-01-02", {"processor": "one"}, {"oetgen": "1"}, rows, {"files": SERIES_RESULT}, {"helm": "no"}
    )


@pytest.mark.parametrize(("found", "met"), [(0.5, "aim"), (0.8, "must"), (1.0, "must"), (1.01, "no")])
def test_a_row_says_whether_it_meets_what_is_asked(found: float, met: str) -> None:
    assert dataclasses.replace(ROW, ratio=found).met == met


def test_what_is_not_asked_is_not_met_either() -> None:
    assert dataclasses.replace(ROW, must=None, aim=None).met == ""


def test_a_series_tells_what_one_more_costs() -> None:
    assert SERIES_RESULT.further() == {100: pytest.approx(10), 1000: pytest.approx(10)}
    assert report.flatness(SERIES_RESULT).startswith("flat")
    assert report.flatness(SeriesResult("", "", {1: 1.0, 2: 2.0, 3: 4.0})).startswith("not flat")


@pytest.mark.parametrize(("found", "verdict"), [(0.55, "are worth"), (0.8, "are not worth")])
def test_it_says_whether_more_processes_are_worth_their_code(found: float, verdict: str) -> None:
    assert verdict in report.processes(dataclasses.replace(ROW, ratio=found))


def test_results_survive_being_written() -> None:
    assert from_json(to_json(results(warm=ROW))) == results(warm=ROW)


@pytest.mark.parametrize("text", ["{}", "[]", '{"version": 0}'])
def test_other_files_are_not_taken_for_results(text: str) -> None:
    with pytest.raises(ValueError, match="not results of version"):
        from_json(text)


def test_rows_that_were_not_measured_again_stay() -> None:
    before = dataclasses.replace(results(warm=ROW, first=ROW), missing={"helm": "no", "first": "no"})
    now = dataclasses.replace(results(first=dataclasses.replace(ROW, ratio=2.0)), missing={})
    both = now.added_to(before)
    assert {name: row.ratio for name, row in both.rows.items()} == {"warm": 0.8, "first": 2.0}
    assert both.missing == {"helm": "no"}


def test_a_comparison_tells_changes_from_jitter() -> None:
    slower = dataclasses.replace(ROW, ratio=1.2, low=1.1, high=1.3)
    jitter = dataclasses.replace(ROW, ratio=0.85)
    found = compare(results(a=slower, b=jitter, c=ROW), results(a=ROW, b=ROW))
    assert [line.split("%")[1].strip() for line in found] == ["slower", "within the variation"]
    assert found[0].split()[:5] == ["a", "0.8", "→", "1.2", "+50"]


def test_the_page_keeps_what_was_written_by_hand() -> None:
    start = "# Speed\n\nby hand\n\n<!-- Generated by `python benchmarks/run.py --page`: do not edit from here -->\n"
    page = start + "old\n<!-- to here -->\n\n## More by hand\n"
    missed = dataclasses.replace(ROW, what="slow thing", ratio=3.0)
    made = report.page(page, results(warm=ROW, first=missed))
    assert made.startswith("# Speed\n\nby hand\n")
    assert made.endswith("<!-- to here -->\n\n## More by hand\n")
    assert "old" not in made
    assert "| this | that | 0.8 | 0.7 to 0.9 | 80 ms | 100 ms | 1 | 0.5 | met |" in made
    assert "| slow thing | that | 3 | 0.7 to 0.9 | 80 ms | 100 ms | 1 | 0.5 | **not met** |" in made
    assert "1 of 2 targets met, 0 of them with the aim." in made
    assert "Not measured: helm (no)." in made
    assert report.page(made, results(warm=ROW, first=missed)) == made


def test_a_chart_has_every_point_and_is_always_the_same() -> None:
    points = {1: 8.0, 10: 9.5, 1000: 8.25}
    svg = chart("Time <each>", "count", "ms", points)
    tree = ElementTree.fromstring(svg)
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert len(tree.findall("svg:circle", space)) == 3
    assert {"Time <each>", "count", "ms", "1", "10", "1,000"} <= {each.text for each in tree.iter()}
    heights = [float(each.attrib["cy"]) for each in tree.findall("svg:circle", space)]
    assert heights[1] < heights[2] < heights[0]
    assert svg == chart("Time <each>", "count", "ms", points)


def test_the_committed_page_is_made_from_the_committed_results() -> None:
    kept = from_json((ROOT / "docs/performance/results.json").read_text("utf-8"))
    page = (ROOT / "docs/performance.md").read_text("utf-8")
    assert report.page(page, kept) == page
    for name, text in report.plots(kept).items():
        assert (ROOT / "docs/performance" / name).read_text("utf-8") == text
    assert set(kept.rows) | set(kept.series) | set(kept.missing) == {*ROWS, *SERIES}


# The whole


Works = Callable[[Bench], tuple[Work, Work]]


@pytest.fixture
def fake_row(monkeypatch: pytest.MonkeyPatch) -> Callable[[Works], None]:
    """Return a function that puts other works into a row."""

    def replace(make: Works) -> None:
        row = dataclasses.replace(ROWS["warm"], works=make)
        monkeypatch.setattr("benchmarks.main.ROWS", {**ROWS, "warm": row})

    return replace


def run(*arguments: str) -> int:
    return main.main(["--short", "--only", "warm", *arguments])


def test_a_slow_result_does_not_fail(
    fake_row: Callable[[Works], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def slow(bench: Bench) -> tuple[Work, Work]:
        busy = Work("", lambda number: Command((bench.python, "-c", "sum(range(10**7))"), tmp_path, tmp_path))
        return busy, works.python(bench)

    fake_row(slow)
    assert run("--json", str(tmp_path / "results.json")) == 0
    assert "must 2.1, aim 1.7: not met" in capsys.readouterr().out
    assert run("--compare", str(tmp_path / "results.json")) == 0
    assert "since results.json" in capsys.readouterr().out


def test_a_broken_command_fails(
    fake_row: Callable[[Works], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_row(lambda bench: (Work("", lambda number: python("raise SystemExit(1)")), works.python(bench)))
    assert run() == 1
    assert "broken: " in capsys.readouterr().err


def test_a_missing_peer_is_said_and_does_not_fail(
    fake_row: Callable[[Works], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(bench: Bench) -> tuple[Work, Work]:
        raise MissingToolError("kubectl is not on PATH")

    fake_row(missing)
    assert run() == 0
    assert "not measured: kubectl is not on PATH" in capsys.readouterr().out


def test_the_folder_is_made_when_missing(
    fake_row: Callable[[Works], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_row(lambda bench: (works.python(bench), works.python(bench)))
    assert run("--folder", str(tmp_path / "new" / "folder")) == 0
    assert "warm" in capsys.readouterr().out
    assert (tmp_path / "new" / "folder").is_dir()


def test_the_short_form_installs_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingToolError, match="installs nothing"):
        Tools(tmp_path, install=False).package("kapitan")
