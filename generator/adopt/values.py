"""Turn what differs between environments into named values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import yaml

from generator.adopt import names
from generator.adopt.lines import Path
from generator.adopt.parts import (
    Texts,
    agrees,
    apart,
    compatible,
    differs,
    part_key,
    present,
    segments,
    shared_parts,
    united,
)
from generator.adopt.words import USUAL, Mask, snake, tokens
from generator.findings.record import record
from generator.languages.site import Scalar

_MOST_AROUND = 10  # tokens that a known value may have beside the part that differs
_QUANTITY = re.compile(r"-?[\d.]+\s*(?:[KMGTPE]i?B?|[kmun]|ms|s|h|d|min|%|vcpu)?", re.IGNORECASE)
_VERSION = re.compile(r"[~^<>=v ]*\d+(?:\.\w+)*(?:-[\w.]+)?")
# After the word, also further on in its line: `| namespace and its secret | `shop-dev``.
_NAMESPACE = re.compile(r"(?:namespace[ =:]|(?<!\S)-n[ =:])(?:[^\n]*[^\w.\n-])?([a-z0-9-]*)\Z", re.IGNORECASE)
# An image with its tag, or an action with its commit; the rest is a variant such as -alpine.
_REFERENCE = re.compile(
    r"(?P<name>(?:[\w.-]+(?::\d+)?/)*[\w.-]+[:@])(?P<version>[\w.]+|[\w.][\w.+-]*?)(?P<rest>(?:-[a-z]+[a-z.]*)?)"
)
# An image with its tag or digest, perhaps after the name that it stands for.
_TAGGED = re.compile(r"((?!.*://)\S*/\S*[^/][:@])(\w[\w.+-]*)")
_OPTION = re.compile(r"(?:^|\s)--?([A-Za-z][\w-]*)[ =][\w./-]*\Z")
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")


Data = Scalar | list[Scalar]
Home = tuple[str, Path, Path]
"""Where a value stands: its file, section and name."""
PATH = "path"  # the language of a place that is the path of a file


@dataclass(eq=False)
class Value:
    """A named value: its text in each environment, and the places where it stands."""

    texts: Texts
    name: Path = ()
    places: list[Place] = field(default_factory=list)
    is_part: bool = False
    reference: str = ""  # the name of the image or action whose version it is
    data: tuple[Data, ...] = ()
    about: str = ""  # what a condition decides
    option: str = ""  # of a command, that it follows


@record(eq=False)
class Cased:
    """A value in other letters: `{{ environment | upper }}`."""

    value: Value
    form: str

    @property
    def texts(self) -> Texts:
        """The text of each environment."""
        return cased(self.value.texts, self.form)


CASES = ("capitalize", "upper")
Piece = str | Value | Cased


def note_options(pieces: Sequence[Piece]) -> None:
    """Note the option of a command that each value of a text follows which stands nowhere else."""
    for before, piece in pairwise(pieces):
        found = _OPTION.search(before) if isinstance(before, str) else None
        if found and isinstance(piece, Value) and len(piece.places) < 2:
            piece.option = piece.option or found[1]


def cased(texts: Texts, form: str) -> Texts:
    """Return texts as a filter of Jinja writes them."""
    return tuple(None if text is None else str(getattr(text, form)()) for text in texts)


def text_in(piece: Value | Cased, number: int) -> str | None:
    """Return the text that a piece is in a file: a value of the environments repeats for each entry of a map."""
    texts = piece.texts
    return texts[number % len(texts)]


def value_in(piece: Piece) -> Value | None:
    """Return the value that a piece writes, or None for literal text."""
    return piece.value if isinstance(piece, Cased) else piece if isinstance(piece, Value) else None


@dataclass(eq=False)
class Place:
    """A text that differs, at one place of one file. `pieces` is how the template writes it, None if it cannot."""

    file: str
    language: str
    texts: Texts
    path: Path
    quote: str = ""
    is_weak: bool = False
    is_code: bool = False
    is_list: bool = False
    pieces: list[Piece] | None = None
    is_joined: bool = False  # whether one expression writes all pieces
    reference: str = ""  # the name of the image or action whose version it is
    gap: str = ""  # what stands before a text, and is missing where that is empty

    def text(self, number: int) -> str:
        """Return what the pieces are in an environment."""
        texts = (piece if isinstance(piece, str) else text_in(piece, number) for piece in self.pieces or ())
        return "".join(text or "" for text in texts)


class Table:
    """The values of a project, or those `of_entries` of a map, which may be comments."""

    def __init__(self, mask: Mask, *, of_entries: bool = False) -> None:
        self._mask = mask
        self._of_entries = of_entries
        self.values: list[Value] = []
        self._known: list[Value] = []  # parts and names, which may stand within other texts
        self._exact: dict[Texts, Value] = {}
        self._by_text: dict[tuple[int, str], list[Value]] = defaultdict(list)
        self._namespaces: list[Value] = []
        self._split: dict[Texts, list[Piece] | None] = {}
        self._own: dict[tuple[object, ...], list[Value]] = defaultdict(list)
        self._same_key: dict[tuple[str, ...], list[Texts]] = defaultdict(list)

    def fill(self, places: Sequence[Place]) -> None:
        """Find the values for places, and set the pieces of each."""
        strong = [place for place in places if not place.is_weak]
        every = {
            place.texts
            for place in places
            if not place.gap and (place.quote or not (place.is_code or place.is_list))
        }
        parts = shared_parts(sorted(every, key=part_key), self._mask)
        for part in sorted(parts, key=lambda each: any(text != text.lower() for text in present(each))):
            if self._find(part) is None and self._cased(part) is None:
                self.learn(Value(part, is_part=True))
        self._learn_namespaces(strong)
        wholes = {
            place.texts
            for place in strong
            if _is_version(place) or (is_name(place.texts) and not versions_of(place.texts))
        }
        for texts in sorted(
            wholes, key=lambda each: (each.count(None), sum(map(len, present(each))), part_key(each))
        ):
            if self.split(texts) is None:
                self.learn(Value(texts))
        for place in strong:
            self._same_key[_key(place)].append(place.texts)
        for place in strong:
            is_expression = (place.is_code and not place.quote) or place.is_list or bool(place.gap)
            pieces = None if is_expression else self._known_namespace(place) or self.split(place.texts)
            self._fill(place, None if pieces and _is_number_of_text(place, pieces) else pieces)
        for place in places:
            if place.is_weak:
                self._fill(place, self._known_namespace(place) or self.split(place.texts))

    def _fill(self, place: Place, pieces: list[Piece] | None) -> None:
        """Let a place be written as known values, or as one of its own; few sentences become a value."""
        if pieces is None and place.language == PATH:
            pieces = self._of_path(place)
        if pieces or self._of_entries or not is_prose(place.texts):
            tagged = pieces or self._tagged(place)
            self._use(place, tagged or [self._value(place, place.texts, place.reference)])

    def _of_path(self, place: Place) -> list[Piece] | None:
        """Return the path of a file with a value for the word that differs: `compose.{environment_name}.yml`."""
        found = segments(place.texts)
        own = [each for each in found if isinstance(each, tuple)]
        if len(own) != 1 or any(not text or "/" in text for text in present(own[0])):
            return None
        value = self._value(place, own[0])
        value.is_part = True
        return [each if isinstance(each, str) else value for each in found]

    def split(self, texts: Texts) -> list[Piece] | None:
        """Return texts as known values and what is the same in all; None when that does not explain them."""
        if texts not in self._split:
            self._split[texts] = self._explained(texts)
        return self._split[texts]

    def known(self, place: Place) -> list[Piece] | None:
        """Return the values of a place that other places have as well; None when these do not explain it."""
        return self._known_namespace(place) or self.split(place.texts)

    def use(self, place: Place, pieces: Iterable[Piece]) -> None:
        """Let a place be written as `pieces`."""
        self._use(place, list(pieces))

    def divided(self, place: Place, found: Sequence[str | Texts]) -> list[Piece]:
        """Return a text with values for the parts that differ: those that agree in three texts, or new ones."""
        pieces: list[Piece] = []
        for part in chain.from_iterable(map(apart, found)):
            if isinstance(part, str):
                pieces.append(part)
                continue
            same = [each for each in self.used() if len(set(present(part))) > 2 and agrees(each.texts, part)]
            value = same[0] if same else self._value(place, part)
            value.data = value.data or tuple(_typed(value))
            pieces += self.split(part) or [value]
        note_options(pieces)
        return pieces

    def release(self, place: Place) -> None:
        """Let a place be written otherwise."""
        for piece in place.pieces or ():
            value = value_in(piece)
            if value:
                value.places = [each for each in value.places if each is not place]
        place.pieces = None

    def used(self) -> list[Value]:
        """Return the values that stand somewhere."""
        return [value for value in self.values if value.places]

    def _use(self, place: Place, pieces: list[Piece]) -> None:
        place.pieces = pieces
        for piece in pieces:
            value = value_in(piece)
            if value:
                value.places.append(place)
            if isinstance(piece, Value):
                piece.texts = united(piece.texts, _restricted(piece, place, pieces))

    def learn(self, value: Value) -> None:
        """Add a value that other texts may have in them."""
        self.values.append(value)
        self._known.append(value)
        self._exact[value.texts] = value
        for number, text in enumerate(value.texts):
            if text is not None:
                self._by_text[number, text].append(value)
        self._split.clear()

    def _find(self, texts: Texts) -> Value | None:
        if texts in self._exact:
            return self._exact[texts]
        if not differs(texts):
            return None
        number = next(number for number, text in enumerate(texts) if text is not None)
        known = self._by_text.get((number, texts[number] or ""), ())
        return next((value for value in known if agrees(value.texts, texts)), None)

    def _explained(self, texts: Texts) -> list[Piece] | None:
        found = segments(texts)
        pieces: list[Piece] = []
        rest = list(found)
        while rest:
            each = rest.pop(0)
            if isinstance(each, str):
                pieces.append(each)
                continue
            before = pieces.pop() if pieces and isinstance(pieces[-1], str) else ""
            after = rest.pop(0) if rest and isinstance(rest[0], str) else ""
            known = self._around(str(before), each, str(after))
            if known is None:
                return None
            left, found_value, right = known
            pieces += [*([left] if left else []), found_value]
            if right:
                rest.insert(0, right)
        return pieces

    def _around(self, before: str, part: Texts, after: str) -> tuple[str, Value | Cased, str] | None:
        """Find a known value that has `part` and perhaps some of the text around it; the longest counts."""
        namespace = self._namespace(before, part, after)
        if namespace:
            return namespace
        left, right = tokens(before)[-_MOST_AROUND:], tokens(after)[:_MOST_AROUND]
        sizes = sorted(
            ((i, j) for i in range(len(left) + 1) for j in range(len(right) + 1)),
            key=lambda size: (-sum(size), size),
        )
        for i, j in sizes:
            head, tail = "".join(left[len(left) - i :]), "".join(right[:j])
            value = self._find(tuple(None if each is None else head + each + tail for each in part))
            if value and (i or j or value.is_part or (not before and not after) or _is_apart(before, after)):
                return before[: len(before) - len(head)], value, after[len(tail) :]
        in_case = self._cased(part) if _is_apart(before, after) else None
        return (before, in_case, after) if in_case else None

    def _cased(self, part: Texts) -> Cased | None:
        """Find a part of names that stands here in other letters: Prod, or PROD."""
        for value in self._known:
            for form in CASES:
                if value.is_part and agrees(cased(value.texts, form), part):
                    return Cased(value, form)
        return None

    def _namespace(self, before: str, part: Texts, after: str) -> tuple[str, Value, str] | None:
        """Find the namespace after an option or key of that name; elsewhere the same text may be another name."""
        head = _NAMESPACE.search(before)
        if not head:
            return None
        tail = re.match(r"[a-z0-9-]*", after)
        own = tail[0] if tail else ""
        texts = tuple(None if each is None else head[1] + each + own for each in part)
        value = next((each for each in self._namespaces if agrees(each.texts, texts)), None)
        return (before[: head.start(1)], value, after[len(own) :]) if value else None

    def _known_namespace(self, place: Place) -> list[Piece] | None:
        if not _is_namespace(place):
            return None
        value = next((each for each in self._namespaces if agrees(each.texts, place.texts)), None)
        return [value] if value else None

    def _learn_namespaces(self, places: Sequence[Place]) -> None:
        every = {place.texts for place in places if _is_namespace(place) and differs(place.texts)}
        for texts in sorted(every, key=lambda each: (each.count(None), part_key(each))):
            home = next((value for value in self._namespaces if compatible(value.texts, texts)), None)
            if home:
                home.texts = united(home.texts, texts)
            elif all(re.fullmatch(r"[a-z0-9-]{2,63}", text) for text in present(texts)):
                value = Value(texts)
                self.values.append(value)
                self._namespaces.append(value)

    def _tagged(self, place: Place) -> list[Piece] | None:
        """Return the pieces of the name of an image or an action, of which only the version differs."""
        found = versions_of(place.texts)
        if found is None:
            return self._named_and_tagged(place)
        name, versions, rest = found
        value = self._value(place, versions, name[:-1])
        return [each for each in (name, value, rest) if each != ""]

    def _named_and_tagged(self, place: Place) -> list[Piece] | None:
        """Return the pieces of an image whose name has known values and whose version differs."""
        found = [_TAGGED.fullmatch(text) if text is not None else None for text in place.texts]
        if sum(each is not None for each in found) < len(present(place.texts)):
            return None
        images = tuple(each[1] if each else None for each in found)
        tags = tuple(each[2] if each else None for each in found)
        pieces = self.split(images) if differs(images) and differs(tags) else None
        first = next(filter(None, images), "")
        return pieces and [*pieces, self._value(place, tags, first.rpartition("=")[2][:-1])]

    def _value(self, place: Place, texts: Texts, reference: str = "") -> Value:
        """Return the value of a place that no known one explains; places with one key of one thing share it."""
        section, name = names.placed(place.language, place.file, place.path, self._mask, reference)
        keys: list[tuple[object, ...]] = [
            (section, name[-1:] if section else name, place.is_weak and place.file)
        ]
        if names.is_tool(section, name):
            keys = [(section, name)]
        elif self._of_entries and (kind := _kind_in_entry(place)):
            keys = [(kind,)]
        elif not place.is_weak and not reference and self._is_shared(place):
            keys.insert(0, ("shared", *_key(place)))
        own = (each for key in keys for each in self._own[key])
        value = next((each for each in own if each.texts == texts or compatible(each.texts, texts)), None)
        if value is None:
            value = Value(texts, reference=reference)
            self.values.append(value)
        value.texts = united(value.texts, texts)
        for key in keys:
            if value not in self._own[key]:
                self._own[key].append(value)
        return value

    def _is_shared(self, place: Place) -> bool:
        """Return whether all places with the key of a place, in things of its kind, differ in the same way.

        A boolean or a small number may do that by chance; the name of an environment variable is evidence enough.
        """
        every = self._same_key[_key(place)]
        if (
            any(_is_common(text) for text in present(place.texts))
            and not names.effective(place.path)[-1].isupper()
        ):
            return False
        return all(compatible(each, place.texts) or each == place.texts for each in every)


def _is_namespace(place: Place) -> bool:
    return place.path[-1:] in (("namespace",), ("namespaces",), ("n",)) or (
        place.path[:1] != ()
        and place.path[0].startswith("Namespace/")
        and place.path[-2:] == ("metadata", "name")
    )


def _key(place: Place) -> tuple[str, ...]:
    """Return the key of a place and the kind of the thing that has it."""
    path = names.effective(place.path)
    first, last = (path[0], path[-1]) if path else ("", "")
    return (last,) if last.isupper() else (place.language, re.split("[/.]", first)[0], *path[1:][-3:])


_KINDS = {"port": re.compile(r"\d{2,5}"), "path": re.compile(r"/[\w/.-]*")}


def _kind_in_entry(place: Place) -> str:
    """Return of what kind a text is of which an entry seldom has two that are equal by chance: ports, and paths."""
    last = re.split("[_-]", snake((names.effective(place.path) or ("",))[-1]).lower())[-1]
    form = _KINDS.get(last)
    return last if form and all(map(form.fullmatch, present(place.texts))) else ""


def _is_common(text: str) -> bool:
    return text in ("true", "false") or bool(re.fullmatch(r"-?\d{1,3}", text))


def versions_of(texts: Texts) -> tuple[str, Texts, str] | None:
    """Return what is before the version in the name of an image or action, the versions, and what is after it."""
    found = [_REFERENCE.fullmatch(text) if text is not None else None for text in texts]
    own = [each for each in found if each]
    if len(own) < len(present(texts)) or len({each["name"] for each in own}) > 1:
        return None
    if all(_HOST.fullmatch(each["version"]) for each in own):
        return None  # an address of mail
    rest = own[0]["rest"] if len({each["rest"] for each in own}) == 1 else ""
    start = len(own[0]["name"])
    versions = tuple(None if text is None else text[start : len(text) - len(rest)] for text in texts)
    return own[0]["name"], versions, rest


def _restricted(value: Value, place: Place, pieces: Sequence[Piece]) -> Texts:
    """Return the texts that a place gives a value; nothing where it is a part of the text."""
    return place.texts if len(pieces) == 1 else tuple(None for _ in value.texts)


def _is_number_of_text(place: Place, pieces: Sequence[Piece]) -> bool:
    """Return whether a part of names would stand where a number does, and is not one: the 2 of `worker-2`."""
    is_part = len(pieces) == 1 and isinstance(pieces[0], Value) and pieces[0].is_part
    return is_part and not place.quote and all(map(_INTEGER.fullmatch, present(place.texts)))


def _is_apart(before: str, after: str) -> bool:
    return not before[-1:].isalnum() and not after[:1].isalnum()


def is_name(texts: Texts) -> bool:
    """Return whether texts look like names that no other thing has by chance."""
    own = present(texts)
    if is_prose(texts):
        return False
    if not differs(texts) or any("\n" in text or len(text) > 300 for text in own):
        return False
    if any(len(text) < 4 or _QUANTITY.fullmatch(text) or _VERSION.fullmatch(text) for text in own):
        return False
    words = {word for text in own for word in re.findall("[a-z0-9]+", text.lower())}
    has_mixture = any(re.search(r"[A-Za-z]{2,}[^A-Za-z\s]+[A-Za-z0-9]", text) for text in own)
    return bool(words & USUAL) or has_mixture


def type_values(values: Iterable[Value], mask: Mask) -> None:
    """Decide the type of each value: a number or a boolean only where every text is one and none stands in quotes."""
    for value in values:
        value.data = tuple(_typed(value))


def _typed(value: Value) -> Iterator[Data]:
    own = present(value.texts)
    if any(place.is_list for place in value.places):
        yield from (list_of(text if text is not None else default_of(value.texts)) for text in value.texts)
        return
    quoted = value.is_part or all(place.quote for place in value.places)
    mixed = any(place.pieces and len(place.pieces) > 1 for place in value.places)
    default = default_of(value.texts)
    texts = [text if text is not None else default for text in value.texts]
    if not quoted and all(text in ("true", "false") for text in own):
        yield from (text == "true" for text in texts)
    elif not quoted and not mixed and all(_INTEGER.fullmatch(text) for text in own):
        yield from map(int, texts)
    elif not quoted and not mixed and all(_is_number(text) for text in own):
        yield from (int(text) if _INTEGER.fullmatch(text) else float(text) for text in texts)
    else:
        yield from texts


def filter_of(place: Place) -> str:
    """Return the filter that writes a list at a place."""
    if place.language == "hcl":
        return "hcl"
    quoted = any('"' in text for text in present(place.texts))
    return "json" if quoted else "flow"


def list_of(text: str) -> list[Scalar]:
    """Return the items of a list on one line."""
    data = yaml.safe_load(text)
    return list(data) if isinstance(data, list) else []


def _is_number(text: str) -> bool:
    if _INTEGER.fullmatch(text):
        return True
    return bool(re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text)) and repr(float(text)) == text


def default_of(texts: Sequence[str | None]) -> str:
    """Return the text that most environments have; of several, the first in order."""
    own = [text for text in texts if text is not None]
    return max(sorted(set(own)), key=own.count)


def _is_version(place: Place) -> bool:
    """Return whether a place has versions such as 1.35, which other texts may repeat: `v1.35`, `stable-1.35.txt`."""
    return (
        differs(place.texts)
        and bool(re.search("version", ".".join(place.path[-2:]), re.IGNORECASE))
        and all(re.fullmatch(r"\d+(\.\d+)+", text) for text in present(place.texts))
    )


def is_prose(texts: Texts) -> bool:
    """Return whether texts are sentences."""
    return any(len(re.findall(r"[^\W\d_]{2,} ", text)) > 3 for text in present(texts))


def name_values(
    values: Sequence[Value],
    mask: Mask,
    environments: Mapping[str, frozenset[str]],
    maps: Collection[str] = (),
) -> None:
    """Give each value a name: short, unique, the same for the same input, and none of `maps` or below one."""
    taken: set[Path] = {(name,) for name in maps}

    def wanted(value: Value) -> Iterator[Path]:
        found = _part_names(value, environments) if value.is_part else _place_names(value, mask)
        return (name[1:] if name[0] in maps and len(name) > 1 else name for name in found)

    homes = {id(value): _home(value, mask) for value in values if not value.is_part}
    rivals: dict[Path, set[Home]] = defaultdict(set)
    for value in values:
        if not value.is_part:
            rivals[next(wanted(value))].add(homes[id(value)])
    named: dict[Home, Path] = {}
    for value in sorted(values, key=_rank):
        home = homes.get(id(value))
        before = named.get(home) if home else None
        first = (() if before is None else _numbered(before), wanted(value))
        value.name = next(
            name
            for name in chain(*first)
            if is_free(name, taken) and (value.is_part or len(rivals.get(name, ())) < 2)
        )
        taken.add(value.name)
        if home:
            named.setdefault(home, value.name)


def _home(value: Value, mask: Mask) -> Home:
    place = _main_place(value, mask)
    return place.file, *names.placed(place.language, place.file, place.path, mask, value.reference)


def _numbered(name: Path) -> Iterator[Path]:
    return ((*name[:-1], f"{name[-1]}_{number}") for number in range(2, 10))


def is_free(name: Path, taken: Iterable[Path]) -> bool:
    """Return whether a name is no other one's, nor that of a map that holds one, nor below another one."""
    return all(name[: len(other)] != other and other[: len(name)] != name for other in taken)


def _rank(value: Value) -> tuple[object, ...]:
    places = sorted((len(place.path), place.path, place.file) for place in value.places)
    return not value.is_part, part_key(value.texts), places[:1]


_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|cloud|co|de|eu|uk|fr|nl|ch|at|us|ca|au|in|jp|cn|br|ai|me|info|biz|"
    r"gov|edu|local|internal|lan|test|example|svc|site|tech|xyz)"
)
_DOTTED = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+")
# Of an item, in the singular.
_HOST_KEYS = frozenset(["host", "hostname", "server_name", "domain", "dnsName"])


def _host_names(value: Value, mask: Mask) -> Iterator[Path]:
    """Yield names for the name of a host, after its first label."""
    is_host = any(place.path[-1:] and place.path[-1] in _HOST_KEYS for place in value.places)
    form = _HOST if not is_host else _DOTTED
    if not all(form.fullmatch(text) for text in present(value.texts)):
        return
    labels = [[names.as_word(each) for each in mask(text).split(".")] for text in present(value.texts)]
    first = [each[0].split("_") for each in labels]
    label = "_".join(word for word in first[0] if all(word in each for each in first))
    label = label or next((each for each in labels[0][:-2] if all(each in own[:-2] for own in labels)), "")
    if label or is_host:
        yield ("hosts", label or "main")


def _place_names(value: Value, mask: Mask) -> Iterator[Path]:
    yield from _host_names(value, mask)
    place = _main_place(value, mask)
    section, name = names.placed(place.language, place.file, place.path, mask, value.reference)
    name = (names.as_word(value.option),) if value.option else name
    if section[:1] == ("services",) and len(_services(value, mask)) > 1:
        section = ()
    elif names.is_of_chart(place.file) and len({each.file for each in value.places}) > 1:
        section = section[1:]
    yield from names.candidates(section, name, place.file, mask)


def _services(value: Value, mask: Mask) -> set[Path]:
    """Return the sections of the services that have all of a value."""
    placed = (
        names.placed(each.language, each.file, each.path, mask, value.reference)
        for each in value.places
        if not each.is_weak and _is_whole(each)
    )
    return {section[:2] for section, _ in placed if section[:1] == ("services",)}


def local_names(value: Value, mask: Mask) -> Iterator[Path]:
    """Yield names for a value of an entry, without the section that it belongs to."""
    if value.is_part:
        yield from _part_names(value, {})
    place = _main_place(value, mask)
    _, name = names.placed(place.language, place.file, place.path, mask, value.reference)
    name = (names.as_word(value.option),) if value.option else name
    yield from names.candidates((), tuple(filter(None, name)), place.file, mask)


def _main_place(value: Value, mask: Mask) -> Place:
    """Return the place that a value is named after."""

    def rank(place: Place) -> tuple[object, ...]:
        section, name = names.placed(place.language, place.file, place.path, mask, value.reference)
        return (
            place.is_weak,
            not _is_whole(place),
            _preference(section, name),
            len(section) + len(name),
            section,
            name,
            place.file,
        )

    return min(value.places, key=rank)


def _is_whole(place: Place) -> bool:
    """Return whether one value is all of the text of a place."""
    return place.pieces is not None and len(place.pieces) == 1


_PREFERRED = (
    "namespace",
    "host",
    "domain",
    "image",
    "region",
    "account",
    "bucket",
    "cluster_name",
    "environment",
)


def _preference(section: Path, name: Path) -> int:
    last = name[-1] if name else ""
    return _PREFERRED.index(last) if last in _PREFERRED else len(_PREFERRED)


def _part_names(value: Value, environments: Mapping[str, frozenset[str]]) -> Iterator[Path]:
    """Yield names for a part of texts: what kind of part it is."""
    own = present(value.texts)
    filled = [text for text in own if text]
    wanted: list[str] = []
    in_path = any(place.language == PATH for place in value.places)
    words = frozenset().union(*environments.values(), USUAL)
    is_environment = any(text.strip("-_./").lower() in words for text in filled)
    if all(re.fullmatch(r"\d{12}", text) for text in own):
        wanted = ["account"]
    elif all(text.isdigit() for text in own):
        is_address = any(
            re.match(r"\d+(\.\d+){3}", text) for each in value.places for text in present(each.texts)
        )
        wanted = ["network_number"] if is_address else []
    elif all(text.endswith(")") for text in filled):
        wanted = ["label"]
    elif len(filled) < len(own) or all(text[:1] in "-_." for text in filled):
        wanted = ["suffix"] if all(text[:1] in "-_.," for text in filled) else ["prefix"]
        wanted += ["name_suffix", "dotted_suffix"]
    elif is_environment:
        wanted = ["environment", "env", "stage", "tier"]
        if not any(
            place.path[-1:] and "env" in place.path[-1].lower() for place in value.places if _is_whole(place)
        ):
            wanted = ["environment_name", *wanted]
        if in_path:  # where {environment} is the name of the environment
            wanted = [name for name in wanted if name != "environment"]
    if any("branches" in place.path or "branch" in place.path for place in value.places):
        wanted = ["branch", *wanted]
    keys = sorted({place.path[-1] for place in value.places if place.path and _is_whole(place)})
    wanted += [names.as_word(key.strip("[]")) for key in keys if not is_environment]
    wanted += ["variant"]
    yield from ((name,) for name in wanted if name)
    number = 2
    while True:
        yield (f"{wanted[0]}_{number}",)
        number += 1
