"""Commands that hand one of their words, or their input, to another interpreter.

`examined` looks at the words of one command, without their quotes, and returns what each of them must be. Sources:
the manuals of bash, POSIX (XCU 3), GNU coreutils and findutils, OpenSSH, sudo, util-linux, jq, and of the languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from generator.findings.record import record
from generator.languages.environment import OPTIONS, PROGRAM
from generator.languages.shell.handed import HANDING, programs
from generator.languages.shell.options import LETTERS, base_name, is_shell, maybe_option, shell_options
from generator.languages.site import MARK

SED = "sed"
SED_WORD = "sed_word"
SED_WITHOUT = {mark: f"sed{mark}" for mark in "/:@._-"}  # by the character that stands around an expression
SED_LINE = "sed_line"
NAME = "name"
NUMBER = "number"
LINE = "line"
MAKE = "make"
LOGIN = "login"
SETTING = "setting"

# What only a value without a meaning of its own may be, from the weakest condition to the strongest.
CONDITIONS = (
    LINE,
    LOGIN,
    SETTING,
    MAKE,
    OPTIONS,
    PROGRAM,
    SED,
    *SED_WITHOUT.values(),
    SED_WORD,
    NAME,
    NUMBER,
    SED_LINE,
)

_ASSIGNED = re.compile(rf"[A-Za-z_{MARK}][A-Za-z0-9_{MARK}]*(?:\[.*\])?\+?=", re.DOTALL)
_DYNAMIC = re.compile(rf"[$`*?\[{MARK}]|\{{.*,")
_SHELL_BY_VARIABLE = re.compile(
    r"\$\{?(?:SHELL|BASH)\b|\$\{[^}]*[-=](?:\S*/)?(?:ba|da|a|k|mk|z)?sh\}\Z|[$`].*\b(?:ba|da|z)?sh\b[\"')`]*\Z"
)
_VERSIONED = re.compile(r"(python|pypy|perl|ruby|php|node|lua|tclsh)[0-9][0-9.]*")


@record
class Interpreter:
    """How a command takes a program.

    `flags` are the options whose value is one, `values` other options with a value, `pairs` those with two, and
    `files` those whose value is the name of a file with one. `first` is whether the first operand is one when no
    option is, `rest` how many operands stand before those that all are one. A command that `permutes` has options
    after its operands too. Its input is a program when it has no other and at most `inputs` operands. What follows
    `ends` is for the program that the interpreter loads.
    """

    flags: str = ""
    values: str = ""
    pairs: str = ""
    files: str = ""
    first: bool = False
    rest: int = 99
    permutes: bool = False
    inputs: int = -1
    ends: str = "::::"
    condition: str = PROGRAM


@dataclass(slots=True)
class Examined:
    """What a command takes its words and its input for.

    `words` has the condition of each word by its index, `stdin` that of the input, "" for none, `files` that of the
    text of each file by the index of its name. The text before the `=` of those in `heads` is the name of a variable.
    """

    words: dict[int, str] = field(default_factory=dict)
    stdin: str = ""
    files: dict[int, str] = field(default_factory=dict)
    heads: set[int] = field(default_factory=set)

    def add(self, index: int, condition: str) -> None:
        """Hold a word to a condition, unless it is held to a stronger one."""
        if condition:
            self.words[index] = stronger(self.words.get(index, ""), condition)


def stronger(one: str, other: str) -> str:
    """Return the stronger of two conditions."""
    return max(one, other, key=lambda each: CONDITIONS.index(each) if each else -1)


_ANY = 99
_TABLE: dict[str, Interpreter] = {
    **dict.fromkeys(["python", "pypy", "osascript"], Interpreter("c e", "W X Q", inputs=0, ends="-m")),
    "perl": Interpreter("e E", inputs=0),
    "ruby": Interpreter("e", "I r", inputs=0),
    "julia": Interpreter("e E --eval --print", "L p t", inputs=0),
    "guile": Interpreter("c", "L l", inputs=0),
    **dict.fromkeys(
        ["node", "nodejs", "bun", "deno", "tsx", "ts-node"],
        Interpreter("e p -pe --eval --print", "r --require --import --loader", inputs=0),
    ),
    "php": Interpreter("r R B E", "d c", files="f", inputs=0),
    **dict.fromkeys(["lua", "Rscript", "groovy", "scala", "elixir", "tclsh"], Interpreter("e", inputs=0)),
    **dict.fromkeys(["fish", "csh", "tcsh"], Interpreter("c --command", inputs=0)),
    **dict.fromkeys(
        ["awk", "gawk", "mawk", "nawk"], Interpreter("e --source", "F f v i", files="f --file", first=True)
    ),
    **dict.fromkeys(
        ["sed", "gsed"],
        Interpreter(
            "e --expression", "f l --file", files="f --file", first=True, permutes=True, condition=SED
        ),
    ),
    **dict.fromkeys(
        ["jq", "gojq", "jaq"],
        Interpreter(
            values="f L --indent --from-file",
            pairs="--arg --argjson --slurpfile --rawfile --argfile",
            files="f --from-file",
            first=True,
            permutes=True,
        ),
    ),
    "yq": Interpreter(
        "--expression", "I o p L --indent --from-file", files="--from-file", first=True, permutes=True
    ),
    "psql": Interpreter(
        "c --command", "d f h p U v --file --host", files="f --file", permutes=True, inputs=_ANY
    ),
    **dict.fromkeys(
        ["mysql", "mariadb"], Interpreter("e --execute", "h D --host", permutes=True, inputs=_ANY)
    ),
    **dict.fromkeys(
        ["mongo", "mongosh"], Interpreter("--eval", "f --file", files="f --file", permutes=True, inputs=_ANY)
    ),
    "sqlite3": Interpreter("-cmd", "-init", rest=1, inputs=1),
    "redis-cli": Interpreter(values="h p s a u n r i d D X --user --pass", inputs=0),
    **dict.fromkeys(
        ["pssh", "parallel-ssh", "pdsh", "clush", "dsh"],
        Interpreter(values="h H l p o e t w x g m u f", rest=0),
    ),
    **dict.fromkeys(["bc", "dc"], Interpreter("e", "f", inputs=_ANY)),
    **dict.fromkeys(
        ["m4", "ed", "ex", "expect", "gdb"], Interpreter("c -ex", "f", files="f", permutes=True, inputs=_ANY)
    ),
    **dict.fromkeys(["vi", "vim", "nvim", "emacs"], Interpreter("c --cmd --eval", permutes=True)),
    **dict.fromkeys(["at", "batch", "crontab"], Interpreter(values="f q t u", files="f", inputs=_ANY)),
    **dict.fromkeys(
        ["ssh", "autossh"], Interpreter(values="B b c D E e F I i J L l m O o p Q R S W w", rest=1, inputs=1)
    ),
    **dict.fromkeys(
        ["sg", "script", "vagrant", "eb"],
        Interpreter("c --command --session-command", permutes=True),
    ),
    "runuser": Interpreter("c --command --session-command", permutes=True, inputs=_ANY, ends="-u"),
    "curl": Interpreter(
        values="A b C c D d E e F H K m o P Q r T t U u w X x Y y z --config",
        files="K --config",
        permutes=True,
        condition=SETTING,
    ),
    "wget": Interpreter(
        values="a A B D e i I l o O P Q R t T U w X --input-file",
        files="i --input-file",
        permutes=True,
        condition=LINE,
    ),
    "su": Interpreter("c --command --session-command", permutes=True, inputs=_ANY),
    **dict.fromkeys(["gcloud", "flyctl", "fly"], Interpreter("--command C", permutes=True)),
    **dict.fromkeys(["ansible", "ansible-console"], Interpreter("a --args", permutes=True)),
    **dict.fromkeys(["npm", "lftp"], Interpreter("c e --call", permutes=True)),
    **dict.fromkeys(["npx", "pnpx"], Interpreter("c --call", "p w --package --workspace")),
    **dict.fromkeys(["nodemon", "entr"], Interpreter("x s --exec", permutes=True)),
    **dict.fromkeys(["nc", "ncat"], Interpreter("c e --sh-exec --exec", permutes=True)),
    **dict.fromkeys(["split", "sort"], Interpreter("--filter --compress-program", permutes=True)),
    **dict.fromkeys(["xterm", "lxterminal"], Interpreter("e", permutes=True)),
    "az": Interpreter("--scripts --command-line --exec-command", permutes=True),
    "rsync": Interpreter("e --rsh --rsync-path", permutes=True),
    "tar": Interpreter("I F --to-command --use-compress-program --info-script", permutes=True),
    "env": Interpreter("S --split-string", "u C --unset --chdir"),
    "parallel": Interpreter(values="j P a --jobs --arg-file", rest=0, inputs=_ANY),
    **dict.fromkeys(["mapfile", "readarray"], Interpreter("C", "d n O s u c")),
    **dict.fromkeys(["complete", "compgen"], Interpreter("C F W", permutes=True)),
    "bind": Interpreter("x"),
    "trap": Interpreter(first=True),
}
# Commands all of whose words are one program.
_EVERY_WORD = frozenset(
    "alias cmd cmd.exe concurrently eval hyperfine powershell powershell.exe pwsh screen socat tmux watch".split()
)
_FROM_FILES = frozenset([".", "source"])
_OF_SUDO = Interpreter(
    values="C D R T U a c g h p r t u --chdir --chroot --close-from --group --host --prompt --role"
    " --type --user --command-timeout --other-user"
)
_OF_VAULT = Interpreter(
    values="-role -mode -field -format -mount-point -strict-host-key-checking -user-known-hosts-file"
    " -public-key-path -private-key-path -host-key-mount-point -host-key-hostnames -valid-principals",
    rest=1,
)
_REMOTE = frozenset(["fab", "ssh"])  # what follows -- runs in a shell elsewhere
_EXECUTABLE = re.compile(r"[ugoa]*\+[rwst]*x[rwxst]*|[0-7]*[1357]")

# Commands that run the command after their own options; `--` begins one after any command.
_WRAPPERS = frozenset(
    "sudo doas env timeout nohup nice ionice exec command builtin time xargs setsid stdbuf unbuffer chroot unshare"
    " nsenter strace sshpass caffeinate find parallel watch docker podman nerdctl kubectl oc lxc flock"
    " systemd-run runuser su-exec gosu setpriv tini dumb-init torsocks op doppler aws-vault chamber dotenv bundle"
    " poetry uv npx busybox docker-compose multipass taskset chrt firejail fakeroot".split()
)
_TRANSPARENT = frozenset("sudo doas env nohup exec command builtin nice time".split())
_ONLY_SHELL = re.compile(r"(?:[^;|&\n]*[ /])?(?:ba|da|k|z)?sh(?: -[a-z]*)*")
_SHELLS_OWN = frozenset(["alias", "eval", "trap"])  # which only the shell itself can run
_RUN_BUILTINS = frozenset(["builtin", "command", "time"])
_WITH_WATCH = frozenset(
    ["compose", "docker-compose", "run", "watchman"]
)  # `watch` is a subcommand, or a script
# Commands among whose words a shell is only named, not started.
_NAMING = frozenset(
    "apt apt-get apk dnf yum brew dpkg rpm pip pip3 npm which type hash whereis man useradd usermod adduser chsh grep"
    " egrep rg echo printf test [ ls cp mv ln rm chmod chown install cat touch".split()
)
_ROOTS = frozenset(["sudo", "doas"])  # in which -s runs a shell
_DECLARING = frozenset("declare export local readonly typeset unset".split())


def examined(words: Sequence[str]) -> Examined:
    """Return what each word of a command must be, and what its input must be."""
    result = Examined()
    start = next((at for at, word in enumerate(words) if not _ASSIGNED.match(word)), len(words))
    if start == len(words):
        return result
    starts = list(_starts(words, start))
    if base_name(words[starts[-1]]) not in _NAMING and base_name(words[start]) not in _NAMING:
        for at in range(start, len(words)):
            if (is_shell(words[at]) or _SHELL_BY_VARIABLE.search(words[at])) and not _is_login_shell(
                words, at
            ):
                _shell(words, at + 1, result)
                break
    for at in starts:
        _command(words, at, result)
    _entrypoint(words, result)
    for at in result.words:
        if at < len(words) and _ONLY_SHELL.fullmatch(words[at]):  # ssh host 'bash -s'
            result.stdin = stronger(result.stdin, examined(words[at].split()).stdin)
    end = words.index("--") if "--" in words else len(words)
    if not _REMOTE.isdisjoint(words[:end]):  # such as vagrant ssh -- COMMAND
        _all(words, end + 1, result)
    return result


def _starts(words: Sequence[str], start: int) -> Iterator[int]:
    """Yield where a command may begin: the first word, those after a command that runs another, and after `--`."""
    yield start
    first = base_name(words[start])
    wraps = first in _WRAPPERS
    for at in range(start + 1, len(words)):
        name = _command_name(words[at])
        if base_name(words[at - 1]) in _TRANSPARENT and _DYNAMIC.search(words[at]):
            yield at
        elif words[at - 1] == "--" or (wraps and (name in _KNOWN or name in _NAMING)):
            if (name in _SHELLS_OWN and first not in _RUN_BUILTINS) or words[at - 1] in _WITH_WATCH:
                continue
            yield at
            if name in _NAMING:
                return


def _is_login_shell(words: Sequence[str], at: int) -> bool:
    """Return whether a word names the shell of a user who is created: useradd -s /bin/bash."""
    return (
        at > 0
        and words[at - 1] in ("-s", "--shell")
        and not _ROOTS & {base_name(word) for word in words[:at]}
    )


def _command_name(path: str) -> str:
    """Return the name of a command without its folder and the version of an interpreter."""
    name = base_name(path)
    versioned = _VERSIONED.fullmatch(name)
    return versioned[1] if versioned else name


def _command(words: Sequence[str], at: int, result: Examined) -> None:
    name = _command_name(words[at])
    if name in _EVERY_WORD:
        _all(words, at + 1, result)
    elif name in _TABLE:
        _interpreter(_TABLE[name], words, at + 1, result)
    if name in _BUILTINS:
        _BUILTINS[name](words, at, result)
    elif name in _FROM_FILES:
        _sourced(words, at + 1, result)
    elif _DYNAMIC.search(words[at]):
        _unknown(words, at, result)
    if "/" in words[at] or words[at].startswith("$"):
        result.files[at] = PROGRAM
    for program in programs(name, words, at + 1, any_command=name not in _NAMING):
        result.add(program, PROGRAM)
    if name in _MORE:
        _MORE[name](words, at + 1, result)


def _all(words: Sequence[str], start: int, result: Examined) -> None:
    for at in range(start, len(words)):
        result.add(at, PROGRAM)


# Shells


def _shell(words: Sequence[str], start: int, result: Examined) -> None:
    place, takes_script, takes_input = shell_options(words, start)
    operand = words[place] if place < len(words) else ""
    if maybe_option(operand):  # the value may be -c
        _all(words, place + 1, result)
    if takes_script:
        result.add(place, PROGRAM)
    elif takes_input or operand in ("", "-"):
        result.stdin = PROGRAM
    else:
        _from_file(words, place, result)


def _sourced(words: Sequence[str], start: int, result: Examined) -> None:
    if start < len(words):
        _from_file(words, start, result)


def _from_file(words: Sequence[str], at: int, result: Examined) -> None:
    """Hold the text of the file that a word names to be a program."""
    if words[at].startswith("<("):
        result.add(at, PROGRAM)
    else:
        result.files[at] = PROGRAM


def _unknown(words: Sequence[str], at: int, result: Examined) -> None:
    """Take a command whose name is only known when it runs for a shell where it is called like one."""
    place, takes_script, takes_input = shell_options(words, at + 1)
    if takes_script:
        result.add(place, PROGRAM)
    elif place >= len(words) or takes_input:
        result.stdin = PROGRAM


def _fed(words: Sequence[str], start: int, result: Examined) -> None:
    """Find what xargs puts into a program."""
    replaces = any(re.match(r"-[a-zA-Z]*[Ii]|--replace", word) for word in words[start:])
    inner = Examined()
    shell_at = next((at for at in range(start, len(words)) if is_shell(words[at])), None)
    if shell_at is not None:
        _shell(words, shell_at + 1, inner)
    takes_program = any(at >= len(words) for at in inner.words)
    if inner.stdin or takes_program or (replaces and (inner.words or result.words)):
        result.stdin = PROGRAM


def _entrypoint(words: Sequence[str], result: Examined) -> None:
    """Find the program of a container that begins with a shell."""
    named = [at for at, word in enumerate(words) if word.startswith("--entrypoint")]
    shells = [at for at in named if is_shell(words[at].partition("=")[2] or "".join(words[at + 1 : at + 2]))]
    for at in range(shells[0] + 1 if shells else len(words), len(words) - 1):
        if LETTERS.fullmatch(words[at]) and "c" in words[at]:
            result.add(at + 1, PROGRAM)


# Interpreters by the table


def _interpreter(how: Interpreter, words: Sequence[str], start: int, result: Examined) -> None:
    operands: list[int] = []
    has_program = False
    at = start
    while at < len(words) and words[at] not in (how.ends, ":::"):
        word = words[at]
        if word == "--" or (not how.permutes and not _is_option(word)):
            end = words.index(":::", at) if ":::" in words[at:] else len(words)  # what parallel quotes itself
            operands += range(at + (word == "--"), end)
            break
        if not _is_option(word):
            operands.append(at)
            at += 1
            continue
        program, length = _option(how, word)
        _named_file(how, words, at, result)
        if program is not None:
            result.add(at + program, how.condition)
            has_program = True
        at += length
    has_program |= words[at : at + 1] == [how.ends]
    if not operands and not how.rest:  # parallel ::: PROGRAM
        _all(words, at, result)
    _operands(how, operands, has_program, words, result)


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _operands(
    how: Interpreter, operands: list[int], has_program: bool, words: Sequence[str], result: Examined
) -> None:
    if how.first and not has_program:
        names_action = bool(operands) and words[operands[0]] in ("e", "ea", "eval", "eval-all")  # of yq
        for at in operands[: 1 + names_action]:
            result.add(at, how.condition)
    for at in operands[how.rest :]:
        result.add(at, how.condition)
    is_input = bool(operands) and words[operands[0]] in ("-", "/dev/stdin")
    if operands and not has_program and how.inputs >= 0:
        result.files[operands[0]] = how.condition
    if not has_program and how.inputs >= (0 if is_input else len(operands)):
        result.stdin = how.condition


def _named_file(how: Interpreter, words: Sequence[str], at: int, result: Examined) -> None:
    """Hold the file that an option names, which may be the input, to be a program."""
    place, _ = _option(how, words[at], how.files) if how.files else (None, 0)
    if place == 1 and at + 1 < len(words):
        result.files[at + 1] = how.condition
        if words[at + 1].startswith("<("):
            result.add(at + 1, how.condition)
    named = words[at + place] if place is not None and at + place < len(words) else ""
    if named in ("-", "/dev/stdin") or (place == 0 and re.search(r"-\Z|/dev/stdin\Z", named)):
        result.stdin = stronger(result.stdin, how.condition)


def _option(how: Interpreter, word: str, named: str = "") -> tuple[int | None, int]:
    """Return where the program of an option is (0: in its own word, 1: in the next), and how many words it takes.

    Where options are `named`, what they have is meant rather than the program.
    """
    flags, values = (named or how.flags).split(), how.values.split()
    name, equals, _ = word.partition("=")
    if name in flags:
        return (0, 1) if equals else (1, 2)
    if name in values or name in how.pairs.split():
        return None, 1 if equals else 2 + (name not in values)
    for index, letter in enumerate("" if word.startswith("--") else word[1:], 2):
        if not letter.isalnum():
            break
        if letter in flags:
            return (0, 1) if word[index:] else (1, 2)
        if letter in values:
            return None, 1 if word[index:] else 2
    return None, 1


def _flock(words: Sequence[str], start: int, result: Examined) -> None:
    """Find the program of `flock FILE -c PROGRAM`."""
    for at in range(start + 1, len(words) - 1):
        if words[at] in ("-c", "--command"):
            result.add(at + 1, PROGRAM)
        if not _is_option(words[at - 1]) and not _is_option(words[at]):
            return


def _make(words: Sequence[str], start: int, result: Examined) -> None:
    """Hold variables to what neither make expands nor the shell of its recipes."""
    for at in range(start, len(words)):
        if _ASSIGNED.match(words[at]):
            result.add(at, MAKE)
    _from_input(words, start, result)


def _from_input(words: Sequence[str], start: int, result: Examined) -> None:
    """Hold the input to be a program where a file of code is read from it: make -f -, docker build -."""
    if words[-1] == "-" or {"-f-", "--file=-"} & set(words[start:]) or ("-f", "-") in pairwise(words[start:]):
        result.stdin = PROGRAM


def _container(words: Sequence[str], start: int, result: Examined) -> None:
    if "build" in words[start:]:
        _from_input(words, start, result)


def _sudo(words: Sequence[str], start: int, result: Examined) -> None:
    """Hold the words of a command that sudo hands to a shell, or the input of a shell that it starts."""
    at, to_shell = start, False
    while at < len(words) and (_is_option(words[at]) or _ASSIGNED.match(words[at])) and words[at] != "--":
        to_shell |= bool(re.match(r"-[A-Za-z]*[is]|--(?:login|shell)\Z", words[at]))
        at += _option(_OF_SUDO, words[at])[1] if _is_option(words[at]) else 1
    at += words[at : at + 1] == ["--"]
    if to_shell:
        for index in range(at, len(words)):
            result.add(index, LOGIN)
        if at >= len(words):
            result.stdin = PROGRAM


def _doas(words: Sequence[str], start: int, result: Examined) -> None:
    if any(re.fullmatch("-[A-Za-z]*s", word) for word in words[start:]):
        result.stdin = PROGRAM


def _su(words: Sequence[str], start: int, result: Examined) -> None:
    """Find the program of `su USER -- -c PROGRAM`, whose last words are for the shell."""
    if "--" in words[start:]:
        _shell(words, words.index("--", start) + 1, result)


def _consul(words: Sequence[str], start: int, result: Examined) -> None:
    """Find the command of `consul lock PREFIX COMMAND` and `consul watch COMMAND`, which a shell gets."""
    names = words[start : start + 1]
    if names in (["lock"], ["watch"]) and not {"-shell=false", "-shell=0"} & set(words):
        operands = [at for at in range(start + 1, len(words)) if not _is_option(words[at])]
        for at in operands[names == ["lock"] :]:
            result.add(at, PROGRAM)


def _vault(words: Sequence[str], start: int, result: Examined) -> None:
    if words[start : start + 1] == ["ssh"]:
        _interpreter(_OF_VAULT, words, start + 1, result)


def _heroku(words: Sequence[str], start: int, result: Examined) -> None:
    _all(
        words,
        next((at for at in range(start, len(words)) if words[at].startswith("run")), len(words)) + 1,
        result,
    )


def _chmod(words: Sequence[str], start: int, result: Examined) -> None:
    """Hold files that everybody may execute to be programs."""
    if any(_EXECUTABLE.fullmatch(word) for word in words[start:]):
        result.files.update(dict.fromkeys(range(start + 1, len(words)), PROGRAM))


# Builtins that evaluate arithmetic, or that take the name of a variable


def _let(words: Sequence[str], at: int, result: Examined) -> None:
    for index in range(at + 1, len(words)):
        result.add(index, NUMBER)


def _tested(words: Sequence[str], at: int, result: Examined) -> None:
    for index in range(at + 2, len(words)):
        if words[index - 1] in ("-v", "-R"):
            result.add(index, NAME)


def _declared(words: Sequence[str], at: int, result: Examined) -> None:
    options = "".join(word[1:] for word in words[at + 1 :] if LETTERS.fullmatch(word))
    condition = NAME if "n" in options else NUMBER if "i" in options else ""
    for index in range(at + 1, len(words)):
        if not words[index].startswith(("-", "+")):
            result.heads.add(index)
            result.add(index, condition)


# Options that have a value, of read and of mapfile.
_VALUES_OF_READ = re.compile(r"-[A-Za-z]*[dinNptu]")
_VALUES_OF_MAPFILE = re.compile(r"-[A-Za-z]*[cCdnOsu]")


def _read(words: Sequence[str], at: int, result: Examined) -> None:
    pattern = _VALUES_OF_READ if words[at] == "read" else _VALUES_OF_MAPFILE
    skip = False
    for index in range(at + 1, len(words)):
        if skip or words[index].startswith("-"):
            skip = not skip and bool(pattern.fullmatch(words[index]))
        else:
            result.add(index, NAME)


def _getopts(words: Sequence[str], at: int, result: Examined) -> None:
    if at + 2 < len(words):
        result.add(at + 2, NAME)


def _printf(words: Sequence[str], at: int, result: Examined) -> None:
    start = at + 1
    if words[start : start + 1] == ["-v"]:
        result.add(start + 1, NAME)
        start += 2
    start += words[start : start + 1] == ["--"]
    if start >= len(words):
        return
    kinds = _CONVERSION.findall(words[start])
    wanted = [kind for stars, kind in kinds for kind in ["d"] * len(stars.replace("%", "")) + [kind]]
    for index in range(start + 1, len(words)) if wanted else ():
        if wanted[(index - start - 1) % len(wanted)] in "diouxX":
            result.add(index, NUMBER)


_CONVERSION = re.compile(r"(?<!%)(?:%%)*%[-+ #0-9.']*(\**)[-+ #0-9.']*([a-zA-Z])")


def _unset(words: Sequence[str], at: int, result: Examined) -> None:
    for index in range(at + 1, len(words)):
        if not words[index].startswith("-"):
            result.add(index, NAME)


_BUILTINS = {
    "let": _let,
    **dict.fromkeys(["test", "["], _tested),
    **dict.fromkeys(_DECLARING - {"unset"}, _declared),
    "unset": _unset,
    **dict.fromkeys(["read", "mapfile", "readarray"], _read),
    "getopts": _getopts,
    "printf": _printf,
}
_MORE = {
    "xargs": _fed,
    "flock": _flock,
    "make": _make,
    "heroku": _heroku,
    "sudo": _sudo,
    "doas": _doas,
    "su": _su,
    "consul": _consul,
    "vault": _vault,
    **dict.fromkeys(["docker", "podman", "nerdctl", "buildah"], _container),
    "chmod": _chmod,
}
_KNOWN = frozenset([*_TABLE, *_EVERY_WORD, *_BUILTINS, *_MORE, *HANDING])
