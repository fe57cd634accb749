"""What a piece of shell code does: its commands, the variables that it sets and expands, with their places."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from generator.findings.record import record
from generator.languages.word import Word


@record
class Use:
    """A variable that is expanded. `operator` is that of `${NAME:-…}` and the like, without its colon, or `#` for
    its length."""

    name: str
    offset: int
    operator: str = ""


@record
class Assignment:
    """A variable that is set: by `name=value`, a loop, or a builtin command such as `read`."""

    name: str
    offset: int
    value: Word | None = None


@record
class Redirection:
    """A redirection: its operator, the word after it, and the number of the file, or the variable that gets it."""

    operator: str
    target: Word
    descriptor: str


@record
class Command:
    """A simple command: its words, its redirections, and the text of its here-documents and here-strings."""

    words: tuple[Word, ...]
    heredoc: str = ""
    redirections: tuple[Redirection, ...] = ()

    @property
    def offset(self) -> int:
        return self.words[0].offset

    @property
    def name(self) -> str:
        return self.words[0].text

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    @property
    def writes(self) -> list[Word]:
        """The files that `>`, `>>` and `>|` write."""
        return [each.target for each in self.redirections if each.operator in (">", ">>", ">|")]

    def starts_with(self, *texts: str) -> bool:
        """Return whether the command begins with these words, whatever options stand between them."""
        rest = (text for text in self.texts if not text.startswith("-"))
        return all(next(rest, None) == text for text in texts)

    def arguments(self, with_value: Container[str]) -> list[Word]:
        """Return the words after the first that are neither options nor values of options `with_value`."""
        arguments, skip = [], False
        for word in self.words[1:]:
            if skip or word.text.startswith("-"):
                skip = not skip and word.text in with_value
            else:
                arguments.append(word)
        return arguments

    def options(self, *names: str) -> Iterator[Word]:
        """Yield the value of each option `--name value`, `--name=value` or `-n value`."""
        for index, word in enumerate(self.words):
            if word.text in names and index + 1 < len(self.words):
                yield self.words[index + 1]
            for name in names:
                if word.text.startswith(f"{name}="):
                    yield word.part(len(name) + 1)

    def option(self, *names: str) -> Word | None:
        """Return the value of the first of these options, or None."""
        return next(self.options(*names), None)


@record
class Region:
    """A piece of the code with a meaning of its own, such as a quote, a comment or a word, from an offset to another.

    `note` is the line that ends a here-document, the operator of a test, or the name that a loop or a function has;
    `owner` is the offset of the `<<` of a here-document.
    """

    kind: str
    start: int
    end: int
    note: str = ""
    owner: int = -1


@record
class Statement:
    """A command from its beginning to its end: a simple one with its words, or a compound one without."""

    start: int
    end: int
    words: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    assignments: tuple[Assignment, ...] = ()


@record
class SyntaxProblem:
    """Why a shell refuses the code, and where. Code that exceeds a limit of the reader has `is_limit`."""

    message: str
    offset: int
    is_limit: bool = False


@dataclass(slots=True)
class Script:
    """The facts of a piece of shell code, in the order in which the code was read."""

    text: str
    commands: list[Command] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    functions: dict[str, int] = field(default_factory=dict)
    """The functions that it defines, with the offset of each name."""
    redirections: list[Redirection] = field(default_factory=list)
    """The redirections of its compound commands, such as `{ …; } > file`."""
    regions: list[Region] = field(default_factory=list)
    """Where its quotes, comments, words and expansions stand; of two that are equal, the outer one comes later."""
    statements: list[Statement] = field(default_factory=list)
    pipelines: list[list[Region]] = field(default_factory=list)
    """The members of each pipeline of more than one command."""
    problem: SyntaxProblem | None = None
    """Why the reading ended early; what is read before that is kept."""

    @property
    def sets(self) -> set[str]:
        """The names of the variables that it sets."""
        return {each.name for each in self.assignments}

    def all(self, *texts: str) -> list[Command]:
        """Return the commands that begin with these words."""
        return [command for command in self.commands if command.starts_with(*texts)]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line, from 0, and the column, from 1, of an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, start), offset - start + 1
