"""Immutable records: what `dataclass(frozen=True, slots=True)` makes, at a fifth of its cost for each class.

Most classes are created while modules are imported; a warm render creates 40, and takes 0.9 of the time with these.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, field
from functools import cached_property
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

_T = TypeVar("_T")


@overload
def record(cls: type[_T], /) -> type[_T]: ...


@overload
def record(*, eq: bool = True, kw_only: bool = False) -> Callable[[type[_T]], type[_T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_T] | None = None, /, *, eq: bool = True, kw_only: bool = False) -> Any:
    """Make a class of annotated names immutable; `field`, `fields` and `replace` of dataclasses work with it.

    It has slots, unless a cached property needs its `__dict__`.
    """
    return _record(cls, eq, kw_only) if cls else lambda cls: _record(cls, eq, kw_only)


def _record(cls: Any, eq: bool, kw_only: bool) -> Any:
    space = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    own = {name: _field(space.pop(name, MISSING), kw_only) for name in space.get("__annotations__", ())}
    every = {**getattr(cls, "_record_fields", {}), **own}
    if not any(type(each) is cached_property for each in space.values()):
        space["__slots__"] = tuple(own)
    space |= {"_record_fields": every, "__dataclass_fields__": _Fields()}
    space["__match_args__"] = tuple(name for name, each in every.items() if not each.kw_only)
    space |= {"__repr__": _repr, "__reduce__": _reduce, "__setattr__": _refuse, "__delattr__": _refuse}
    if eq:
        compared = [name for name, each in every.items() if each.compare]
        space |= {"__eq__": _eq, "__hash__": _hash, "_compared": attrgetter(*compared) if compared else type}
    made = type(cls)(cls.__name__, cls.__bases__, space)
    made.__init__ = _init(made, every)
    return made


def _field(value: Any, kw_only: bool) -> Field[Any]:
    found: Field[Any] = value if isinstance(value, Field) else field(default=value)
    if found.kw_only is MISSING:
        found.kw_only = kw_only
    return found


class _Fields:
    """The fields as dataclasses have them, made when they are asked for."""

    def __get__(self, instance: object, cls: Any) -> Mapping[str, Field[Any]]:
        space = {"__annotations__": dict.fromkeys(cls._record_fields, Any), **cls._record_fields}
        space["__doc__"] = cls.__name__  # else it is made from the signature: two thirds of the time
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(type(cls.__name__, (), space))
        found: Mapping[str, Field[Any]] = made.__dataclass_fields__
        cls.__dataclass_fields__ = found
        return found


def _init(cls: Any, fields: Mapping[str, Field[Any]]) -> Callable[..., None]:
    """Return a function that sets the fields, made of one text: a general one takes twice as long for each call.

    It asks the slots themselves, which takes half as long as `object.__setattr__`.
    """
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters: list[str] = ["self"]
    named: list[str] = []
    lines = ["    pass"]
    for name, each in fields.items():
        parameter = value = name
        if each.default is not MISSING:
            known[f"_{name}"] = each.default
            parameter = f"{name}=_{name}"
        elif each.default_factory is not MISSING:
            known[f"_{name}"] = each.default_factory
            parameter, value = f"{name}=_MISSING", f"_{name}() if {name} is _MISSING else {name}"
        (named if each.kw_only else parameters).append(parameter)
        slot = getattr(cls, name, None)
        if type(slot) is MemberDescriptorType:
            known[f"_put_{name}"] = slot.__set__
            lines.append(f"    _put_{name}(self, {value})")
        else:
            lines.append(f"    _set(self, {name!r}, {value})")
    if named:
        parameters += ["*", *named]
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *lines]), known)
    made: Callable[..., None] = known["__init__"]
    return made


def _eq(self: Any, other: Any) -> bool:
    return (
        bool(self._compared(self) == self._compared(other)) if type(other) is type(self) else NotImplemented
    )


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._record_fields)
    return f"{type(self).__qualname__}({values})"


def _reduce(self: Any) -> tuple[Any, ...]:
    return made, (type(self), {name: getattr(self, name) for name in self._record_fields})


def made(cls: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Return a record of a class with these values of its fields; pickled records name this function."""
    return cls(**values)


def _refuse(self: object, name: str, *value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot change {name} of {type(self).__name__}")
