"""Words in which commands get a program, or text of another language, by an option or by how the word begins.

Sources: the manual of each command. A key of two words holds where the second is among the words of the command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.languages.site import MARK

# Options of any command that are named for it; the program is the next word, or what follows `=`.
_NAMED = re.compile(
    r"--(?!(?:no|allow|skip|enable|disable|without)-)"
    r"(?:(?:[\w-]*-)?(?:cmd|command|exec|execute|eval|rsh|askpass)|\w+cmd|(?:pre|post|deploy|renew)-hook"
    r"|post-renderer(?:-args)?)"
)
_OPTIONS: Mapping[str, str] = {
    # Settings too: -c NAME=PROGRAM, and config NAME PROGRAM
    "git": r"(?i:alias\..*|pager\..*|core\.(?:sshCommand|editor|pager|fsmonitor|gitProxy|askPass|hooksPath"
    r"|alternateRefsCommand)|sequence\.editor|init\.templateDir|interactive\.diffFilter|diff\.external|gpg\.(?:.*\.)?program"
    r"|uploadpack\.packObjectsHook|credential\.(?:.*\.)?helper|imap\.tunnel|.*\.(?:cmd|command|textconv|driver|clean|smudge"
    r"|process|uploadpack|receivepack|vcs|toCmd|ccCmd))"
    r"|--(?:upload-pack|receive-pack|extcmd|\w+-filter|tag-name-filter)|foreach",
    "git clone": "-u",
    "git rebase": "-x",
    "git difftool": "-x",
    "aws ssm": "--parameters",
    "salt": r"cmd\.run",
    "scp": "-S",
    "sftp": "-[Ss]",
    "tar": "--(?:new-volume-script|checkpoint-action)",
    "deno": "eval|-p",
    "python shell": "-c",  # manage.py
    "manage.py shell": "-c",
    "rails": "runner|r",
    "consul": "exec",
    "redis-cli": "(?i:eval)",
    **dict.fromkeys(["clickhouse", "clickhouse-client"], "-q|--query|--multiquery"),
    **dict.fromkeys(["cqlsh", "beeline", "hive", "sqlcmd", "snowsql", "trino"], "-[eqQ]"),
    **dict.fromkeys(["nix", "nix-shell", "nix-build"], "--run|--expr|-E"),
    "npm": "--script-shell",
    "capsh": "-c",
    "mutt": "-e",
    "man": "-P",
    "wget": "-e|--use-askpass",
    "zip": "-TT",
    "tcpdump": "-z",
    "openvpn": r"--(?:up|down|route-up|ipchange|tls-verify|auth-user-pass-verify|client-\w+|learn-address)",
}
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ["ssh", "scp", "sftp", "sshfs", "ssh-copy-id", "autossh", "mosh"],
        r"(?i:(?:-[a-z0-9]*o)?(?:Proxy|Local|Remote|KnownHosts)Command\b)",
    ),
    **dict.fromkeys(["vi", "vim", "nvim", "ex", "view", "less", "more"], r"\+"),
    "git": "ext::",
    "perl": "-[Mm]",
    "make": r"SHELL\b|\.SHELLFLAGS\b|MAKEFLAGS\b",
    "npm": r"scripts\.",
    "gh": "!|query=",
    "systemd-run": r"(?:--property=)?Exec\w+=",
}
# Options whose value is the name of a setting and what it is set to, of which some are programs.
_SETTINGS: Mapping[str, str] = {
    "git": "-c",
    **dict.fromkeys(["ssh", "scp", "sftp", "sshfs", "ssh-copy-id", "autossh"], "-o"),
}
HANDING = frozenset(key.partition(" ")[0] for key in (*_OPTIONS, *_WORDS))


def programs(name: str, words: Sequence[str], start: int, *, any_command: bool) -> Iterator[int]:
    """Yield the indexes of the words of a command that have a program in them; its own words begin at `start`."""
    keys = [name, *(f"{name} {word}" for word in words[start:])]
    options = [re.compile(_OPTIONS[key]) for key in keys if key in _OPTIONS]
    options += [_NAMED] if any_command else []
    begins = re.compile(_WORDS[name]) if name in _WORDS else None
    setting = _SETTINGS.get(name)
    for at in range(start, len(words)):
        option, equals, _ = words[at].partition("=")
        if any(each.fullmatch(option) for each in options):
            yield at if equals else at + 1
        if begins and begins.match(words[at]):
            yield at
        if setting and re.match(f"{setting} ?{MARK}", f"{words[at - 1]} {words[at]}"):
            yield at
        if setting and words[at].startswith(f"{setting}{MARK}"):
            yield at
