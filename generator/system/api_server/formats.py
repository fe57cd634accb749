"""The formats of names, addresses and amounts, as the API server requires them.

Source: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go of github.com/kubernetes/kubernetes, 1.35.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from generator.system.quantities import quantity
from generator.system.schedule import is_time_zone
from generator.system.schedule import read as read_schedule

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_VARIABLE = re.compile(r"[ -<>-~]+")
_HEADER = re.compile(r"[-A-Za-z0-9]+")
_DESCRIPTOR = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)")
_AMOUNT = re.compile(r"\d+%?")
RESOURCES = frozenset(
    "cpu memory storage ephemeral-storage pods services replicationcontrollers resourcequotas secrets configmaps"
    " persistentvolumeclaims services.nodeports services.loadbalancers requests.cpu requests.memory requests.storage"
    " requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage".split()
)


_AMOUNTS = ("cpu", "memory", "storage", "ephemeral-storage")
_SYSCTL = re.compile(r"[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*")
_LIMITED = ("Pod", "Container", "PersistentVolumeClaim")


class Format(NamedTuple):
    """Whether a text has a format, and what is expected otherwise."""

    fits: Callable[[str], bool]
    expected: str


def is_label(text: str) -> bool:
    return len(text) <= 63 and _LABEL.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    return len(text) <= 253 and _SUBDOMAIN.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    return len(text) <= 63 and _LABEL_VALUE.fullmatch(text) is not None


def is_qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    return bool(name) and is_label_value(name) and (is_subdomain(prefix.lower()) if slash else True)


def is_port_name(text: str) -> bool:
    return len(text) <= 15 and _PORT_NAME.fullmatch(text) is not None


def is_network(text: str) -> bool:
    """Return whether a text is an address with the length of its prefix; bits after the prefix may be set."""
    address, slash, length = text.partition("/")
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return bool(slash and address) and length.isdigit()


def _is_port(text: str) -> bool:
    if re.fullmatch(r"[-+]?\d+", text):
        return 0 < int(text) < 65536
    return is_port_name(text)


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _is_outside(text: str) -> bool:
    """ValidateNonSpecialIP."""
    if not _is_address(text):
        return False
    found = ipaddress.ip_address(text)
    return not (found.is_unspecified or found.is_loopback or found.is_link_local or found.is_multicast)


def _is_domain_path(text: str) -> bool:
    domain, slash, path = text.partition("/")
    return bool(slash and path) and len(text) <= 250 and is_subdomain(domain)


def _is_inner_path(text: str) -> bool:
    return not text.startswith("/") and ".." not in text.split("/")


def _is_segment(text: str) -> bool:
    return text not in (".", "..") and not set("/%") & set(text)


def _is_share(text: str) -> bool:
    return bool(_AMOUNT.fullmatch(text)) and not (text.endswith("%") and int(text[:-1]) > 100)


def _is_schedule(text: str) -> bool:
    return _DESCRIPTOR.fullmatch(text) is not None or not read_schedule(text).problem


def _is_resource(text: str) -> bool:
    is_other = "/" in text or text.startswith(("hugepages-", "requests.hugepages-", "count/"))
    return text in RESOURCES or (is_other and is_qualified(text))


def _is_not_negative(text: str) -> bool:
    amount = quantity(text)
    return amount is None or amount >= 0


def _is_positive(text: str) -> bool:
    amount = quantity(text)
    return amount is None or amount > 0


def _words(text: str) -> Format:
    *first, last = text.split()
    return Format(lambda each: each in text.split(), f"{', '.join(first)} or {last}")


_SMALL = "lowercase letters, digits and - "
FORMATS: Mapping[str, Format] = {
    "label": Format(is_label, f"{_SMALL}of at most 63 characters"),
    "subdomain": Format(is_subdomain, "lowercase letters, digits, - and ."),
    "subdomain-dot": Format(lambda text: is_subdomain(text.removesuffix(".")), "a domain name"),
    "service-name": Format(
        lambda text: len(text) <= 63 and _SERVICE.fullmatch(text) is not None, f"{_SMALL}after a letter"
    ),
    "label-value": Format(
        is_label_value, "at most 63 letters, digits, -, _ and ., the first and last of them no sign"
    ),
    "qualified-name": Format(is_qualified, "letters, digits, -, _ and ., after a domain and / or without it"),
    "port-name": Format(is_port_name, f"{_SMALL}of at most 15 characters, with a letter"),
    "target-port": Format(
        lambda text: text == "0" or _is_port(text), "a number from 1 to 65535 or the name of a port"
    ),
    "port": Format(_is_port, "a number from 1 to 65535 or the name of a port"),
    "data-key": Format(
        lambda text: len(text) <= 253 and text not in (".", "..") and _DATA_KEY.fullmatch(text) is not None,
        "letters, digits, -, _ and .",
    ),
    "variable": Format(lambda text: _VARIABLE.fullmatch(text) is not None, "printable characters without ="),
    "webhook-name": Format(
        lambda text: is_subdomain(text) and text.count(".") > 1, "a domain name of at least three parts"
    ),
    "kind": Format(
        lambda text: len(text) <= 63 and _SERVICE.fullmatch(text.lower()) is not None,
        "letters, digits and - after a letter",
    ),
    "https": Format(
        lambda text: re.fullmatch(r"https://[^/?#@]+(/[^?#]*)?", text) is not None,
        "an address with https:// and without ? and #",
    ),
    "header": Format(lambda text: _HEADER.fullmatch(text) is not None, "the name of a header"),
    "trimmed": Format(lambda text: text == text.strip(), "no blanks around it"),
    "segment": Format(_is_segment, "a name without / and %"),
    "domain-path": Format(_is_domain_path, "a domain and a path: example.com/name"),
    "inner-path": Format(_is_inner_path, "a relative path without .."),
    "absolute-path": Format(lambda text: text.startswith("/"), "an absolute path"),
    "no-way-up": Format(lambda text: ".." not in text.split("/"), "a path without .."),
    "cidr": Format(is_network, "an address range: 10.9.8.0/24"),
    "trimmed-cidr": Format(lambda text: is_network(text.strip()), "an address range: 10.9.8.0/24"),
    "address": Format(_is_address, "an IP address"),
    "outside-address": Format(_is_outside, "an IP address that is not of one machine, link or group"),
    "cluster-address": Format(lambda text: text == "None" or _is_address(text), "an IP address or None"),
    "host": Format(
        lambda text: is_subdomain(text.removeprefix("*.")) and not _is_address(text), "a domain name"
    ),
    "wildcard-host": Format(lambda text: is_subdomain(text.removeprefix("*.")), "a domain name"),
    "amount": Format(
        lambda text: _AMOUNT.fullmatch(text) is not None, "a number of 0 or more, or a percentage"
    ),
    "share": Format(_is_share, "a number of 0 or more, or a percentage of at most 100%"),
    "group": Format(lambda text: text.isdigit() and int(text) < 2**31, "a number from 0 to 2147483647"),
    "not-negative": Format(_is_not_negative, "0 or more"),
    "positive": Format(_is_positive, "more than 0"),
    "schedule": Format(_is_schedule, "five fields: minute, hour, day, month, day of the week"),
    "time-zone": Format(is_time_zone, "a time zone as Etc/UTC"),
    "resource": Format(_is_resource, "a resource that a quota can limit"),
    "container-resource": Format(
        lambda text: (
            text in _AMOUNTS or text.startswith("hugepages-") or ("/" in text and is_qualified(text))
        ),
        "cpu, memory, storage, ephemeral-storage, hugepages-… or a name with a domain",
    ),
    "sysctl": Format(lambda text: _SYSCTL.fullmatch(text) is not None, "the name of a setting of the kernel"),
    "limit-type": Format(
        lambda text: text in _LIMITED or ("/" in text and is_qualified(text)),
        "Pod, Container, PersistentVolumeClaim or a name with a domain",
    ),
    "search-domain": Format(
        lambda text: text == "." or is_subdomain(text.removesuffix(".").replace("_", "-")), "a domain name"
    ),
    "operation": _words("CREATE UPDATE DELETE CONNECT *"),
    "family": _words("IPv4 IPv6"),
    "direction": _words("Ingress Egress"),
    "access-mode": _words("ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod"),
    "volume-lifecycle": _words("Persistent Ephemeral"),
    "quota-scope": _words(
        "Terminating NotTerminating BestEffort NotBestEffort PriorityClass CrossNamespacePodAffinity"
        " VolumeAttributesClass"
    ),
}
