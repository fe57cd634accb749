"""Git reads the committed files of a stranger's repository, and acts on nothing that the repository says."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.findings import OetgenError
from generator.project import git, programs
from tests.hostile.projects import KINDS, Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    ground = Ground(tmp_path)
    ground.build()
    ground.write("out/prod/app.yaml", "a: 1\n")
    return ground


@pytest.mark.parametrize("name", ["git-promisor-ext", "git-promisor-file", "git-promisor-ssh"])
def test_what_a_partial_clone_lacks_is_not_fetched(ground: Ground, name: str) -> None:
    KINDS[name].build(ground)
    with pytest.raises(OetgenError, match=r"lacks the content of out/prod/app\.yaml in HEAD") as raised:
        git.revision(ground.root, "HEAD").files(["out/prod"])
    assert "oetgen fetches nothing; git does with: git archive HEAD" in raised.value.hint
    assert not ground.canary.exists()
    if name == "git-promisor-ext":  # the same repository does act when git is asked without that care
        with pytest.raises(Exception, match="returned non-zero"):
            ground.git("cat-file", "-p", "HEAD:out/prod/app.yaml")
        assert ground.canary.exists()


def test_settings_that_name_programs_change_nothing(ground: Ground) -> None:
    KINDS["git-programs"].build(ground)
    assert git.revision(ground.root, "main").files(["out"]) == {"out/prod/app.yaml": "a: 1\n"}
    assert not ground.canary.exists()


def test_a_bare_repository_inside_the_project_is_refused_by_name(ground: Ground) -> None:
    KINDS["git-bare"].build(ground)
    with pytest.raises(OetgenError, match="bare repository"):
        git.revision(ground.root, "HEAD")
    assert git.head(ground.root) is None
    assert not ground.canary.exists()


def test_the_repository_around_the_project_is_the_one_that_is_read(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of git sets these variables for another folder."""
    ground.commit()
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "nothing")
    monkeypatch.setenv("GIT_WORK_TREE", "/")
    assert list(git.revision(ground.root, "HEAD").files(["out"])) == ["out/prod/app.yaml"]


def test_paths_that_leave_the_tree_are_skipped(ground: Ground) -> None:
    KINDS["git-tree-leaves"].build(ground)
    listed = ground.git("ls-tree", "-r", "--name-only", "HEAD", "environments")
    assert ".." in listed
    assert list(git.revision(ground.root, "HEAD").files(["environments"])) == ["environments/prod.yaml"]


def test_an_answer_is_neither_endless_nor_waited_for_forever(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.commit()
    revision = git.revision(ground.root, "HEAD")
    with monkeypatch.context() as patch, pytest.raises(OetgenError, match="more than 10 bytes"):
        patch.setattr(git, "_MOST_BYTES", 10)
        revision.files(["out"])
    ground.pipe(".git/HEAD")
    monkeypatch.setattr(git, "_SECONDS", 0.2)
    with pytest.raises(OetgenError, match="did not answer within"):
        git.revision(ground.root, "HEAD")


@pytest.mark.parametrize("name", ["path-inside", "path-relative", "path-linked"])
def test_programs_inside_the_repository_are_not_found(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind = KINDS[name]
    kind.build(ground)
    (ground.top / ".git").mkdir()  # the project is a folder of a repository
    ground.program("../tools/kubectl")
    monkeypatch.chdir(ground.root)
    path = kind.variables["PATH"].format(root=ground.root, top=ground.top)
    monkeypatch.setenv("PATH", f"{path}:{ground.top}/tools")
    assert programs.find(ground.root, "kubectl") is None
    assert programs.find(ground.root, "git") is None
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")
    found = programs.find(ground.root, "sh")
    assert found is not None
    assert programs.is_outside(ground.root, found)


def test_programs_get_no_variable_of_the_user_but_the_essential_ones(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "TF_CLI_CONFIG_FILE",
        "NODE_OPTIONS",
        "SHELLCHECK_OPTS",
        "GH_TOKEN",
        "LD_PRELOAD",
        "PYTHONPATH",
    ):
        monkeypatch.setenv(name, "x")
    given = programs.environment(ground.root, "/nowhere", {"TF_DATA_DIR": "y"})
    assert set(given) <= {
        "PATH",
        "HOME",
        "USERPROFILE",
        "XDG_CONFIG_HOME",
        "LC_ALL",
        "TF_DATA_DIR",
        *programs._KEPT,
    }
    assert (given["HOME"], given["TF_DATA_DIR"]) == ("/nowhere", "y")
