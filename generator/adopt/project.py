"""Turn the files of all environments into the files of a project."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from operator import itemgetter

from generator.adopt.conditions import Need, decide, listed, reference, words_of
from generator.adopt.encode import settle
from generator.adopt.entries import Comparison, Entries
from generator.adopt.layers import layers, map_lines, scalar_text
from generator.adopt.loops import loops_of, without_entries
from generator.adopt.names import WORKLOADS, as_word, file_stem
from generator.adopt.pairs import Group, pair
from generator.adopt.plan import FilePlan, drop_places, explain_lines, plan_file
from generator.adopt.renames import Renames, apply, unknown
from generator.adopt.schema import schema_text
from generator.adopt.secrets import Public, public_texts, secret_of
from generator.adopt.siblings import Family, Loop, families
from generator.adopt.templates import Chunk, Tags, chunks, defined, mentioned, needs, with_ends, write
from generator.adopt.tree import Folder, Original
from generator.adopt.values import Data, Place, Table, Value, name_values, type_values, value_in
from generator.adopt.words import Mask, environment_words, snake
from generator.findings import Finding, OetgenError
from generator.findings.record import record
from generator.languages import language_of
from generator.project import ENVIRONMENTS, SETTINGS, SUFFIX, TEMPLATES
from generator.render.tokens.delimiters import STANDARD
from generator.values.schema.layer_schema import editor_text
from generator.values.schema.rules import read_schema

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufeff]|\r(?!\n)")


_EMPTY = Original(b"")


@record
class Left:
    """A file that stays where it is, and why."""

    environment: str
    path: str
    reason: str
    line: int = 0  # of a secret; 0 for another reason

    @property
    def is_secret(self) -> bool:
        """Whether it has a secret."""
        return self.line > 0


@record
class Copied:
    """A file of an environment that is copied as it is, because no template can write it, and why."""

    environment: str
    path: str
    reason: str


@dataclass
class Adoption:
    """A project: its files by path, and what it was made from."""

    environments: tuple[str, ...]
    files: dict[str, bytes]
    executable: frozenset[str]
    originals: dict[str, dict[str, bytes]]  # what must be rendered, by environment and path
    left: tuple[Left, ...]
    plans: tuple[FilePlan, ...] = ()
    values: tuple[Value, ...] = ()
    findings: tuple[Finding, ...] = ()
    maps: tuple[Entries, ...] = ()
    copied: tuple[Copied, ...] = ()
    comparisons: tuple[Comparison, ...] = ()  # of all files that differ, also of those of maps
    apart: frozenset[str] = frozenset()  # the families whose files have a template each

    def compared(self) -> Iterator[FilePlan]:
        """Yield a plan of each file that differs, by path."""
        yield from (make() for _, make in self.comparisons)

    def blamed(self, errors: Iterable[Finding], wrong: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Return the files that cause errors or come out differently, each with the reason to write it plainly."""
        names = {f"{TEMPLATES}/{template_name(plan)}{SUFFIX}": plan for plan in self.plans}
        found = {
            names[each.at.path].path: f"oetgen refuses it: {each.message}"
            for each in errors
            if each.at and each.at.path in names
        }
        for environment, paths in wrong.items():
            for plan in self.plans:
                if plan.group.paths.get(environment) in paths:
                    found.setdefault(plan.path, "oetgen would write it otherwise")
        return found

    def joined(self, errors: Iterable[Finding], wrong: Mapping[str, Sequence[str]]) -> set[str]:
        """Return the families that may cause errors or come out differently: each by its path."""
        at = {each.at.path for each in errors if each.at}
        paths = {path for each in wrong.values() for path in each}
        every = [(path, family) for each in self.maps for path, family in each.templates()]
        blamed = {
            family.path
            for path, family in every
            if f"{TEMPLATES}/{path}{SUFFIX}" in at
            or any(path in paths for group in family.groups for path in group.paths.values())
        }
        is_elsewhere = not blamed and not self.blamed(errors, wrong)
        return {family.path for _, family in every} if is_elsewhere else blamed


@dataclass
class _Builder:
    environments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)
    plans: list[FilePlan] = field(default_factory=list)
    adopted: list[Group] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)  # files of some environments that are copied
    delimiters: dict[str, str] = field(default_factory=dict)
    copied: list[Value] = field(default_factory=list)
    only: dict[str, Value] = field(default_factory=dict)  # what decides files, by pattern
    crlf: dict[str, Value] = field(default_factory=dict)  # what decides their line ends, by pattern
    empty: dict[str, set[str]] = field(
        default_factory=dict
    )  # empty files, and the environments that have each
    maps: list[Entries] = field(default_factory=list)
    whole: list[Copied] = field(default_factory=list)
    public: Sequence[Public] = ()
    public_texts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def mask(self) -> Mask:
        """What removes the names of environments."""
        return Mask(word for name in self.environments for word in environment_words(name))

    def plan(self, group: Group, language: str = "") -> FilePlan:
        """Plan the template of a file, whose language its text shows."""
        text = str(_text(next(iter(group.files.values())).data))
        return plan_file(group, language or language_of(group.path, text), self.environments, self.mask)

    def whole_plans(self) -> list[FilePlan]:
        """Return the plans of files of which no loop writes a part."""
        looped = self.loops()
        return [plan for plan in self.plans if plan.path not in looped]

    def loops(self) -> dict[str, list[Loop]]:
        """Return the loops of each file by its path."""
        found: dict[str, list[Loop]] = {}
        for family in (family for each in self.maps for family in each.families):
            if family.loop:
                found.setdefault(family.loop.file.path, []).append(family.loop)
        return found

    def word(self, name: str) -> str:
        """Return a word for a path that no other file has."""
        words = {value.name[-1] for value in self.copied}
        free = (name, *(f"{name}_{number}" for number in range(2, len(words) + 3)))
        return next(each for each in free if each not in words)

    def leave(self, group: Group, reason: str, line: int = 0) -> None:
        self.left += [Left(env, path, reason, line) for env, path in group.paths.items()]


@record
class Names:
    """The names of a file that a person edited."""

    file: str
    renames: Renames


NO_NAMES = Names("", {})


def adopt(
    folders: Sequence[Folder],
    plain: Mapping[str, str],
    copied: Collection[str] = (),
    names: Names = NO_NAMES,
    apart: Collection[str] = (),
    public: Sequence[Public] = (),
) -> Adoption:
    """Return the project for folders.

    The files in `plain` get no values, each for a reason; those in `copied` have one copy for each environment. The
    files of the families `apart` have a template each, as have those of families that would not be shorter. What is
    `public` is not a secret.
    """
    folders = sorted(folders, key=lambda folder: folder.environment)
    environments = tuple(folder.environment for folder in folders)
    groups = pair(folders)
    apart = set(apart)
    texts = public_texts(groups, public)
    found = _families(groups, environments, {*plain, *copied}, apart, public)
    while True:
        builder = _Builder(environments, public=public, public_texts=texts)
        for family in found:
            if family.path not in apart:
                _join(family, builder)
        made = _adopted(groups, builder, plain, copied, names)
        longer = {family.path for each in builder.maps if not each.is_useful for family in each.families}
        if not longer:
            break
        apart |= longer
    compared: list[Comparison] = [
        (plan.path, partial(lambda own: own, plan)) for plan in builder.whole_plans()
    ]
    compared += chain.from_iterable(each.compared() for each in builder.maps)
    compared += [(path, partial(builder.plan, own[0].file)) for path, own in builder.loops().items()]
    originals: dict[str, dict[str, bytes]] = {name: {} for name in environments}
    for group in builder.adopted:
        for env, path in group.paths.items():
            originals[env][path] = group.files[env].data
    return Adoption(
        environments,
        dict(sorted(builder.files.items())),
        frozenset(builder.executable),
        originals,
        tuple(sorted(builder.left, key=lambda left: (left.environment, left.path))),
        tuple(builder.plans),
        tuple(made),
        tuple(finding for folder in folders for finding in folder.findings),
        tuple(builder.maps),
        tuple(builder.whole),
        tuple(sorted(compared, key=itemgetter(0))),
        frozenset(apart),
    )


def _adopted(
    groups: Sequence[Group],
    builder: _Builder,
    plain: Mapping[str, str],
    copied: Collection[str],
    names: Names,
) -> list[Value]:
    """Write the files of a project; return its values."""
    words = {name: environment_words(name) for name in builder.environments}
    mask = Mask(word for each in words.values() for word in each)
    _sort_all(groups, builder, mask, copied)
    for plan in builder.plans:
        plan.reason = plain.get(plan.path, "")
    every = [*builder.plans, *(plan for each in builder.maps for plan in each.plans)]
    mask = Mask([*(word for each in words.values() for word in each), *_prefix(every, mask)])
    values = _values(builder, mask, words)
    parts, wanted = _parts(builder, groups, mask)
    of_maps = [each.parts() for each in builder.maps]
    wanted += [need for _, needed in of_maps for need in needed]
    made, decided = decide(wanted, values, mask, len(builder.environments), _names_of(builder.maps))
    ends = list({each.name: each for each in builder.crlf.values()}.values())
    values = _named([*values, *made, *ends], builder, names)
    decided.express()
    _write(builder, parts, _folders(groups))
    for each, (own, _) in zip(builder.maps, of_maps, strict=True):
        each.is_useful = each.is_shorter(own, map_lines(each)) and not any(plan.reason for plan in each.plans)
        each.decided.express()
        for (plan, found), (path, family) in zip(own, each.templates(), strict=True):
            tags = Tags.of(plan.texts.values())
            text = write(found, tags)
            if family.loop:
                _write_loop(
                    builder, each, plan, family.loop, each.looped(family.loop, with_ends(text, plan), tags)
                )
            else:
                _write_template(builder, plan, path, text)
                builder.adopted += family.groups
    values += builder.copied
    for name, text in layers(values, builder.environments, builder.maps).items():
        builder.files[f"{ENVIRONMENTS}/{name}.yaml"] = text.encode()
    text = schema_text(values, builder.maps)
    builder.files[f"{ENVIRONMENTS}/schema.json"] = text.encode()
    builder.files[f"{ENVIRONMENTS}/editor.schema.json"] = editor_text(read_schema(text)).encode()
    builder.files[SETTINGS] = _settings(builder).encode()
    return values


def _write_loop(builder: _Builder, entries: Entries, own: FilePlan, loop: Loop, text: str) -> None:
    """Put the loop of some parts, planned as `own`, into the template of their file."""
    plan = next(plan for plan in builder.plans if plan.path == loop.file.path)
    path = f"{TEMPLATES}/{template_name(plan)}{SUFFIX}"
    outer = builder.files[path].decode()
    builder.files[path] = outer.replace(loop.line, text).encode()
    tags = [Tags.of(each.texts.values()) for each in (plan, own)]
    is_plain = tags[0] == tags[1] and not plan.reason and not plan.crlf
    entries.is_useful = entries.is_useful and is_plain and outer.count(loop.line) == 1


def _named(values: list[Value], builder: _Builder, names: Names) -> list[Value]:
    """Name the maps, and give all values the names that a person wants."""
    renames = dict(names.renames)
    for each in builder.maps:
        each.rename(renames.pop(each.name, each.name), names.file)
    every = [*values, *(value for each in builder.maps for value in each.values)]
    unknown(renames, every, names.file, [each.name for each in builder.maps])
    for each in builder.maps:
        each.values = apply(each.values, renames, names.file, each.word)
    values = apply(values, renames, names.file)
    taken = {value.name[0] for value in [*values, *builder.copied]}
    for name in _names_of(builder.maps):
        if name in taken:
            raise OetgenError(
                f"{names.file}: {name} is a value, and a map with an entry for each file or the word for an entry",
                "give the value another name",
            )
        taken.add(name)
    return values


def _families(
    groups: Sequence[Group],
    environments: Sequence[str],
    excluded: Collection[str],
    apart: Collection[str],
    public: Sequence[Public],
) -> list[Family]:
    """Return the files that may have one template, and the things of other files that a loop may write.

    Binary files and those with secrets never have.
    """
    texts: dict[str, dict[str, str]] = {}
    for group in groups:
        found = {env: text for env, each in group.files.items() if (text := _text(each.data)) is not None}
        is_regular = len(set(group.paths.values())) == 1 and not _has_braces(group)
        if (
            group.path not in excluded
            and is_regular
            and len(found) == len(group.files)
            and not _has_mixed_ends(group)
        ):
            texts[group.path] = found
    longest = {path: max(own.values(), key=len) for path, own in texts.items()}
    files = [
        each
        for each in families(groups, longest)
        if each.path not in apart
        and not any(secret_of(group, public) for group in each.groups)
        and len({file.executable for group in each.groups for file in group.files.values()}) == 1
    ]
    taken = {group.path for each in files for group in each.groups}
    mask = Mask(word for name in environments for word in environment_words(name))
    inside = [
        each
        for group in groups
        if group.path in texts and group.path not in taken and not secret_of(group, public)
        for each in loops_of(group, texts[group.path], language_of(group.path, longest[group.path]), mask)
    ]
    return [*files, *inside]


def _join(family: Family, builder: _Builder) -> None:
    """Let the files of a family have one template, with entries that other families may have too."""
    environments = builder.environments
    text = str(_text(next(iter(family.groups[0].files.values())).data))
    language = language_of(family.groups[0].path, text)
    presence = [sorted(group.files) for group in family.groups]
    home = next(
        (
            each
            for each in builder.maps
            if each.keys == family.keys
            and bool(family.loop) == each.is_loop
            and presence == [sorted(group.files) for group in each.families[0].groups]
        ),
        None,
    )
    words = [word for name in environments for word in environment_words(name)]
    words += [form for key in family.keys for form in (key, key.replace("-", "_")) if len(key) > 1]
    entries = home or Entries(family.keys, environments, Mask(words))
    if entries.add(family, language) and home is None:
        builder.maps.append(entries)


def _sort_all(groups: Sequence[Group], builder: _Builder, mask: Mask, copied: Collection[str]) -> None:
    """Decide how each file is written that is not joined with others; a loop writes only a part of its file."""
    joined = {group.path for each in builder.maps for family in each.families for group in family.groups}
    for path, loops in builder.loops().items():
        text = str(_text(next(iter(loops[0].file.files.values())).data))
        builder.plans.append(builder.plan(without_entries(loops), language_of(path, text)))
        builder.adopted.append(loops[0].file)
    for group in groups:
        if group.path in copied:
            _copy_each(group, builder)
        elif group.path not in joined:
            _sort(group, builder, mask)
    if builder.empty:
        _copy_empty(builder)


def _sort(group: Group, builder: _Builder, mask: Mask) -> None:
    """Decide how a group of files is written: copied, as a template, or not at all."""
    secret = secret_of(group, builder.public)
    if secret and not _is_example(group):
        builder.leave(group, f"line {secret.at.line} has {secret.what}", secret.at.line)
    elif _has_braces(group):
        builder.leave(group, "its path has braces, which stand for a value in the path of a template")
    elif _is_copied(group, builder):
        _copy(group, group.path, builder)
    elif other := _without_text(group):
        if len(other.files) < len(group.files):
            _sort(_of(group, group.files.keys() - other.files.keys()), builder, mask)
        for name, file in other.files.items():
            if reason := _why_no_text(file.data):
                builder.whole.append(Copied(name, other.paths[name], reason))
        _copy_each(other, builder)
    else:
        if _has_mixed_ends(group):
            _note_ends(group, builder)
        text = str(_text(next(iter(group.files.values())).data))
        builder.plans.append(plan_file(group, language_of(group.path, text), builder.environments, mask))
        builder.adopted.append(group)


def _is_copied(group: Group, builder: _Builder) -> bool:
    """Return whether all environments have the same file at the same path."""
    everywhere = len(group.files) == len(builder.environments)
    return (
        group.is_same
        and everywhere
        and len(set(group.paths.values())) == 1
        and not group.path.endswith(SUFFIX)
    )


def _copy(group: Group, name: str, builder: _Builder) -> None:
    path = f"{TEMPLATES}/{name}"
    builder.files[path] = next(iter(group.files.values())).data
    _mark_executable(group, path, builder)
    builder.adopted.append(group)


def _of(group: Group, environments: Collection[str]) -> Group:
    """Return the files of some environments."""
    own = {name: file for name, file in group.files.items() if name in environments}
    return Group({name: group.paths[name] for name in own}, own)


def _without_text(group: Group) -> Group | None:
    """Return the files of a group that no template can write, if there are any."""
    found = [name for name, each in group.files.items() if _text(each.data) is None]
    return _of(group, found) if found else None


def _copy_each(group: Group, builder: _Builder) -> None:
    """Copy a file that no template can write: a list of values has its name where an environment has it."""
    empty = [name for name, each in group.files.items() if each == _EMPTY]
    for name in empty:
        builder.empty.setdefault(group.paths[name], set()).add(name)
    builder.adopted += [_of(group, empty)] if empty else []
    group = _of(group, group.files.keys() - set(empty))
    contents: dict[bytes, list[str]] = {}
    for environment in builder.environments:
        if environment in group.files:
            contents.setdefault(group.files[environment].data, []).append(environment)
    for environments in contents.values():
        own = _of(group, environments)
        folder, _, name = own.path.rpartition("/")
        ending = f".{name.rpartition('.')[2]}" if "." in name[1:] else ""
        if any(path.rpartition("/")[0] != folder or not path.endswith(ending) for path in own.paths.values()):
            folder, ending = "", ""
        word = builder.word(snake(name) or "file")
        start = len(f"{folder}/") if folder else 0
        items: list[Data] = [
            [own.paths[each][start : len(own.paths[each]) - len(ending)]] if each in own.paths else []
            for each in builder.environments
        ]
        builder.copied.append(Value((None,) * len(items), ("files", word), data=tuple(items)))
        _copy(own, f"{folder}/{{{word}}}{ending}" if folder else f"{{{word}}}{ending}", builder)


def _copy_empty(builder: _Builder) -> None:
    """Copy the empty files that only some environments have: a list of values has their paths."""
    word = builder.word("empty")
    lists: tuple[Data, ...] = tuple(
        [path for path, holders in sorted(builder.empty.items()) if name in holders]
        for name in builder.environments
    )
    about = "The paths of empty files."
    builder.copied.append(Value((None,) * len(lists), ("files", word), data=lists, about=about))
    builder.files[f"{TEMPLATES}/{{{word}}}"] = b""


def _note_ends(group: Group, builder: _Builder) -> None:
    """Note the value that decides the line ends of a file; files that differ in one way share it."""
    holders = {name for name, each in group.files.items() if b"\r\n" in each.data}
    data: tuple[Data, ...] = tuple(name in holders for name in builder.environments)
    value = next((each for each in builder.crlf.values() if each.data == data), None)
    if value is None:
        number = len({id(each) for each in builder.crlf.values()}) + 1
        value = Value((None,) * len(data), ("crlf" if number == 1 else f"crlf_{number}",), data=data)
    builder.crlf[group.path] = value
    value.about = f"Whether lines end in CRLF in {listed(sorted(builder.crlf))}."


def _has_mixed_ends(group: Group) -> bool:
    return len({b"\r\n" in each.data for each in group.files.values()}) > 1


def _has_braces(group: Group) -> bool:
    return any("{" in path or "}" in path for path in group.paths.values())


def _text(data: bytes) -> str | None:
    """Return the text of a file; None for one that a template cannot write."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _CONTROL.search(text) or not text.strip():
        return None
    return text if text.count("\r\n") in (0, text.count("\n")) else None


def _why_no_text(data: bytes) -> str:
    """Return why a template cannot write a file; nothing for one that is empty."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not text in UTF-8"
    if found := _CONTROL.search(text):
        return f"it has the character U+{ord(found[0]):04X}"
    return "its lines end in LF and in CRLF" if text.strip() else ""


def _is_example(group: Group) -> bool:
    return all(path.endswith(".example") for path in group.paths.values())


def _mark_executable(group: Group, path: str, builder: _Builder) -> None:
    if any(each.executable for each in group.files.values()):
        builder.executable.add(path)


def _values(builder: _Builder, mask: Mask, words: Mapping[str, frozenset[str]]) -> list[Value]:
    table = Table(mask)
    probes = [each for entries in builder.maps for _, own in entries.probes for each in own if each]
    table.fill([*(place for plan in builder.plans for place in plan.places()), *probes])
    for entries in builder.maps:
        entries.release(table)
    for entries in builder.maps:
        entries.explain(table)
    for plan in builder.plans:
        for row in plan.rows:
            if any(
                isinstance(each, Place) and each.pieces is None
                for alt in row.alternatives
                for each in alt.pieces
            ):
                drop_places(row, table)
        explain_lines(plan, table)
    type_values([*table.used(), *(value for each in builder.maps for value in each.table.used())], mask)
    for plan in builder.plans:
        settle(plan, table)
    for entries in builder.maps:
        for plan in entries.plans:
            settle(plan, entries.table)
    values = table.used()
    taken: set[str] = {value.name[0] for value in (*builder.copied, *builder.crlf.values())}
    for entries in builder.maps:
        entries.call(taken)
        taken |= {entries.name, entries.word}
    name_values(
        values, mask, words, [*_names_of(builder.maps), *(each.name[0] for each in builder.crlf.values())]
    )
    return values


def _names_of(maps: Iterable[Entries]) -> list[str]:
    """Return the words that maps have in templates."""
    words = [name for each in maps for name in (each.name, each.word)]
    return [*words, *(["name"] if any(each.is_loop for each in maps) else [])]


Parts = list[tuple[FilePlan, list[Chunk], Need | None]]


def _parts(builder: _Builder, groups: Sequence[Group], mask: Mask) -> tuple[Parts, list[Need]]:
    """Return the parts of all templates, and what has to be decided for them."""
    every = frozenset(range(len(builder.environments)))
    folders = _folders(groups)
    parts: Parts = []
    wanted: list[Need] = []
    for plan in builder.plans:
        found = chunks(plan)
        whole = None
        wanted += needs(plan, found, mask)
        if frozenset(plan.indexes) != every:
            whole = _of_file(plan, every, mask, folders.get(plan.path, ""))
            wanted.append(whole)
        parts.append((plan, found, whole))
    return parts, wanted


def _write(builder: _Builder, parts: Parts, folders: Mapping[str, str]) -> None:
    """Write the templates; a value that decides a whole file, or all of a folder, stands in `oetgen.yaml`."""
    only: dict[str, Value] = {}
    for plan, found, whole in parts:
        tags = Tags.of(plan.texts.values())
        is_only = whole is not None and whole.value is not None and whole.data is True
        if whole and whole.value and is_only:
            only[plan.path] = whole.value
        name = template_name(plan)
        if is_only and plan.group.is_same and name == plan.path and not name.endswith(SUFFIX):
            builder.files[f"{TEMPLATES}/{name}"] = next(iter(plan.group.files.values())).data
            _mark_executable(plan.group, f"{TEMPLATES}/{name}", builder)
            builder.kept.add(plan.path)
        else:
            _write_template(
                builder, plan, name, write(found, tags, whole.expression if whole and not is_only else "")
            )
    patterns = {plan.path: template_name(plan) for plan, _, _ in parts}
    inside: dict[str, set[int]] = {}
    for path in patterns:
        if path in folders:
            inside.setdefault(folders[path], set()).add(id(only.get(path)))
    for path, value in only.items():
        folder = folders.get(path)
        is_shared = folder is not None and len(inside[folder]) == 1
        builder.only[f"{_pattern(folder or '')}/**" if is_shared else _pattern(patterns[path])] = value
    builder.crlf = {_pattern(patterns[path]): value for path, value in builder.crlf.items()}


def _write_template(builder: _Builder, plan: FilePlan, name: str, text: str) -> None:
    path = f"{TEMPLATES}/{name}{SUFFIX}"
    text = with_ends(text, plan)
    builder.files[path] = (text.replace("\n", "\r\n") if plan.crlf else text).encode()
    tags = Tags.of(plan.texts.values())
    if tags.delimiters != STANDARD:
        builder.delimiters[name] = tags.delimiters
    _mark_executable(plan.group, path, builder)


def template_name(plan: FilePlan) -> str:
    """Return the path of a template without its ending; values in braces where the path differs."""
    if plan.name is None:
        return plan.template or plan.path
    values = (piece if isinstance(piece, str) else value_in(piece) for piece in plan.name.pieces or ())
    return "".join(
        each if isinstance(each, str) else f"{{{reference(each.name)}}}"
        for each in values
        if each is not None
    )


def _folders(groups: Sequence[Group]) -> dict[str, str]:
    """Return for files the largest folder of two or more, all of which the same environments have."""
    inside: dict[str, list[Group]] = {}
    for group in groups:
        parts = group.path.split("/")[:-1]
        for size in range(1, len(parts) + 1):
            inside.setdefault("/".join(parts[:size]), []).append(group)
    found: dict[str, str] = {}
    for folder, own in sorted(inside.items()):
        if len(own) > 1 and len({frozenset(group.files) for group in own}) == 1:
            for group in own:
                outer = found.get(group.path)
                if outer is None or len(inside[outer]) == len(own):  # the inner one has the better name
                    found[group.path] = folder
    return found


def _of_file(plan: FilePlan, every: frozenset[int], mask: Mask, folder: str) -> Need:
    """Return the need of a file that only some environments have."""
    folders = [as_word(mask(part)) for part in plan.path.split("/")[:-1] if mask(part)]
    stem = file_stem(plan.path, mask) or "file"
    size = sum(len(text) for text in plan.texts.values())
    words = words_of(stem, *folders[-1:])
    lines = [next(line for line in row.cells if line) for row in plan.rows]
    return Need(
        frozenset(plan.indexes),
        every,
        (),
        (stem,),
        plan.path,
        words,
        size,
        is_file=True,
        folder=folder,
        defines=defined(plan, lines) | {plan.path.rpartition("/")[2]},
        mentions=mentioned(plan, (line.text for line in lines)),
    )


def _prefix(plans: Iterable[FilePlan], mask: Mask) -> list[str]:
    """Return the word that the names of most objects begin with: the project's, which no value's name repeats."""
    objects = {
        line.path[0] for plan in plans for row in plan.rows for line in row.cells if line and line.path
    }
    found = {mask(name) for kind, _, name in (each.partition("/") for each in objects) if kind in WORKLOADS}
    first = Counter(each.partition("-")[0] for each in sorted(found) if "-" in each)
    word, count = first.most_common(1)[0] if first else ("", 0)
    return [word.lower()] if count >= 2 and 2 * count >= len(found) else []


def _settings(builder: _Builder) -> str:
    lines = [
        "# Written by `oetgen adopt`: the files are exactly as they were found, so they have no header.\n"
    ]
    lines.append("header: false\nquotes: needed\n")
    verbatim = [plan for plan in builder.plans if plan.reason and plan.path not in builder.kept]
    if verbatim:
        lines.append("languages:\n")
        lines += [
            f"  {scalar_text(_pattern(path))}: verbatim # {plan.reason}\n"
            for plan in verbatim
            for path in sorted(set(plan.group.paths.values()))
        ]
    if builder.copied or any(not each.is_loop for each in builder.maps):
        lines.append("each:\n")
        lines += [f"  {each.word}: {each.name}\n" for each in builder.maps if not each.is_loop]
        lines += [f"  {value.name[-1]}: {reference(value.name)}\n" for value in builder.copied]
    for setting, entries in (("only", builder.only), ("crlf", builder.crlf)):
        lines += [f"{setting}:\n"] if entries else []
        lines += [f"  {scalar_text(each)}: {reference(value.name)}\n" for each, value in entries.items()]
    if builder.delimiters:
        lines.append("delimiters:\n")
        lines += [
            f"  {scalar_text(_pattern(path))}: {json.dumps(text)}\n"
            for path, text in builder.delimiters.items()
        ]
    examples = [
        f"{TEMPLATES}/{template_name(plan)}{'' if plan.path in builder.kept else SUFFIX}"
        for plan in builder.plans
        if _is_example(plan.group) and secret_of(plan.group, builder.public)
    ]
    if examples or builder.public_texts:
        lines.append("secrets:\n")
        lines += [
            f"- value: {scalar_text(text)}\n  reason: {scalar_text(reason)}\n"
            for text, reason in builder.public_texts.items()
        ]
        lines += [
            f"- path: {scalar_text(_pattern(path))}\n  reason: an example file, whose values are no secrets\n"
            for path in examples
        ]
    return "".join(lines)


def _pattern(path: str) -> str:
    return re.sub(r"[*?\[]", "?", path)
