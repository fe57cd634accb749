"""Files of lines whose grammar is not known here, but whose comments begin with `#`: HAProxy, Caddy, CODEOWNERS, …"""

from __future__ import annotations

_NAMES = frozenset(
    "Caddyfile Corefile CODEOWNERS haproxy.cfg .gitattributes redis.conf pg_hba.conf pg_ident.conf postgresql.conf"
    " sshd_config ssh_config hosts authorized_keys mosquitto.conf dnsmasq.conf rsyslog.conf logrotate.conf ntp.conf"
    " chrony.conf sysctl.conf vector.conf fluent-bit.conf fluentd.conf fluent.conf requirements.txt constraints.txt"
    " .tool-versions Brewfile Berksfile krb5.conf ldap.conf resolv.conf named.conf Varnishfile httpd.conf"
    " apache2.conf .htaccess .curlrc .wgetrc limits.conf squid.conf monit.conf".split()
)
_FOLDERS = (
    "sysctl.d",
    "modprobe.d",
    "logrotate.d",
    "limits.d",
    "tmpfiles.d",
    "sysusers.d",
    "apache2",
    "haproxy",
)


def recognise(path: str, text: str) -> bool:
    """Return whether the file has the name of one whose comments begin with `#`."""
    folder, _, name = path.rpartition("/")
    return name in _NAMES or (
        folder.rpartition("/")[2] in _FOLDERS and (name.endswith((".conf", ".cfg")) or "." not in name)
    )


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
