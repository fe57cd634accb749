"""Ranges of IP addresses that files name."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def network(text: str) -> Network | None:
    """Return the range that `text` writes as CIDR, or None; bits of a host in it do not count."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def is_within(inner: Network, outer: Network) -> bool:
    """Return whether every address of `inner` is one of `outer`."""
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
