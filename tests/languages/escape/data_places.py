"""The places of configuration files for the proof."""

from __future__ import annotations

from tests.languages.escape import config_consumers as config
from tests.languages.escape import data_consumers as read
from tests.languages.escape.consumers import read_toml, read_yaml
from tests.languages.escape.place import Place


def _toml_places() -> list[Place]:
    rows = (
        ("k = •\nz = 1\n", ("k",), "•"),
        ('k = "•"\nz = 1\n', ("k",), "•"),
        ('k = "a-•.b"\nz = 1\n', ("k",), "a-•.b"),
        ("k = '•'\nz = 1\n", ("k",), "•"),
        ("k = 'a\t•'\nz = 1\n", ("k",), "a\t•"),
        ('k = """\na •\n  b"""\nz = 1\n', ("k",), "a •\n  b"),
        ('k = """•"""\nz = 1\n', ("k",), "•"),
        ("k = '''\na •\nb'''\nz = 1\n", ("k",), "a •\nb"),
        ("k = '''•'''\nz = 1\n", ("k",), "•"),
        ("k = [1, •, 'x']\n", ("k", 1), "•"),
        ('k = [\n  "x", # x\n  "•",\n]\nz = 1\n', ("k", 1), "•"),
        ("k = { a = •, b = 2 }\n", ("k", "a"), "•"),
        ("k = [{ a = 1 }, { a = [•] }]\n", ("k", 1, "a", 0), "•"),
        ("• = 1\n", (None,), "•"),
        ('"•" = 1\n', (None,), "•"),
        ("[a.•]\nk = 1\n", ("a", None), "•"),
        ("[[a.•.b]]\nk = 1\n", ("a", None), "•"),
        ("k = { • = 1 }\n", ("k", None), "•"),
        ("[s]\nk = 'x' # •\nz = 2\n", ("s", "k"), "x"),
        ("[s]\na.b.c = •\n", ("s", "a", "b", "c"), "•"),
    )
    return [Place("a.toml", template, (read_toml(*path),), meaning) for template, path, meaning in rows]


def _keyed_places() -> list[Place]:
    ini = (
        ("[s]\nk = •\nz = 1\n", "•"),
        ("[s]\nk=a/•/b\n\n[t]\nz = 1\n", "a/•/b"),
        ("[s]\nk: •\nz: 1\n", "•"),
        ("[s]\nk =\n    x\n    •\nz = 1\n", "\nx\n•"),
        ("# •\n[s]\n; •\nk = x\n".replace("; •", "; x"), "x"),
    )
    properties = (
        ("k=•\nz=1\n", "k", "•"),
        ("k = a •\nz = 1\n", "k", "a •"),
        ("k: •\n", "k", "•"),
        ("k •\nz 1\n", "k", "•"),
        ("k=a,\\\n  •,\\\n  b\nz=1\n", "k", "a,•,b"),
        ("•=x\n", None, "•"),
        ("a.•.b = x\n", None, "a.•.b"),
        ("! •\nk=x\n", "k", "x"),
        ("k=x\\\\•\n", "k", "x\\•"),
    )
    variables = (
        ("K=•\nZ=1\n", "•"),
        ('A=1\nK="•"\nZ=1\n', "•"),
        ("K='a •'\nZ=1\n", "a •"),
        ("export K=•\n# x\nZ=1\n", "•"),
        ("K=a/•\nZ=1\n", "a/•"),
        ("# •\nK=x\n", "x"),
    )
    return [
        *(Place("a.ini", template, (read.read_config("s", "k"),), meaning) for template, meaning in ini),
        Place(".editorconfig", "root = true\n[*]\nk = •\nz = 1\n", (read.read_editorconfig("k"),)),
        *(
            Place("a.properties", template, (read.read_properties(key),), meaning)
            for template, key, meaning in properties
        ),
        *(Place(".env", template, (read.read_variables("K"),), meaning) for template, meaning in variables),
    ]


def _commented_json_places() -> list[Place]:
    rows = (
        ('{\n  // x\n  "a": "•", // "x\n  "z": 1,\n}\n', ("a",), "•"),
        ('{/* " */ "a": •, "z": [1,]}\n', ("a",), "•"),
        ('{"a": "x-•"} // z\n', ("a",), "x-•"),
        ('// •\n{"a": "x"}\n', ("a",), "x"),
        ('{"a": "x" /* • */}\n', ("a",), "x"),
        ('{"•": 1}\n', (None,), "•"),
    )
    return [
        *(
            Place("tsconfig.json", template, (read.read_json5(*path),), meaning)
            for template, path, meaning in rows
        ),
        Place("a.json5", "{a: '•', b: 'x\"', z: +1}\n", (read.read_json5("a"),)),
        Place(
            ".devcontainer/devcontainer.json",
            '{\n  // x\n  "postCreateCommand": "p •",\n}\n',
            (read.read_json5("postCreateCommand"),),
            shell=("•",),
        ),
    ]


def _nginx_places() -> list[Place]:
    server = "server {\n  listen 80;\n  "
    at = (0, "block", 1, "args")
    rows = (
        (f"{server}server_name •;\n}}\n", (*at, 0), "•"),
        (f"{server}server_name a.b •;\n}}\n", (*at, 1), "•"),
        (f'{server}add_header X-A "•" always;\n}}\n', (*at, 1), "•"),
        (f"{server}add_header X-A 'a •';\n}}\n", (*at, 1), "a •"),
        (f"{server}proxy_pass http://•:8000;\n}}\n", (*at, 0), "http://•:8000"),
        (f"{server}location /•/ {{ return 200; }}\n}}\n", (*at, 0), "/•/"),
        (f"{server}location ~ ^/• {{ return 200; }}\n}}\n", (*at, 1), "^/•"),
        (f"{server}# •\n  root /a;\n}}\n", (*at, 0), "/a"),
        ("map $a $b {\n  default 0;\n  • 1;\n}\n", (0, "block", 1, "directive"), "•"),
        ("map $a $b {\n  default •;\n  a 1;\n}\n", (0, "block", 0, "args", 0), "•"),
    )
    return [
        Place("nginx.conf", template, (config.read_nginx(*path),), meaning)
        for template, path, meaning in rows
    ]


def _html_places() -> list[Place]:
    rows = (
        ("<p><b>•</b> z", "b", "", "•"),
        ("<p><b>x • y</b>", "b", "", "x • y"),
        ('<p><b title="•" lang=x>z</b>', "b", "title", "•"),
        ("<p><b title = 'x•'>z</b>", "b", "title", "x•"),
        ('<input value="•" disabled>', "input", "value", "•"),
        ('<a href="https://x/•">z</a>', "a", "href", "https://x/•"),
        ('<a href="•">z</a>', "a", "href", "•"),
        ("<img alt='•' src='/x'>", "img", "alt", "•"),
        ('<meta name="description" content="•">', "meta", "content", "•"),
        ('<div data-name="•">z</div>', "div", "data-name", "•"),
        ("<title>•</title>", "title", "", "•"),
        ("<textarea>x •</textarea>", "textarea", "", "x •"),
        ("<svg><text>•</text></svg>", "text", "", "•"),
        ("<table><tr><td>•</td></tr></table>", "td", "", "•"),
        ("<pre>a •</pre>", "pre", "", "a •"),
        ("<p id=•>z", "p", "id", "•"),
        ("<p>z<!-- • --><b>y</b>", "b", "", "y"),
        ("<p title=a\"b lang='•'>z", "p", "lang", "•"),
        ("<textarea><b title='•</textarea>", "textarea", "", "<b title='•"),
        ("<xmp>x •</xmp>", "xmp", "", "x •"),
        ("<p>z<!--x•--><b>y</b>", "b", "", "y"),
    )
    code = (
        ("<script>f('•')</script><p>z</p>", "script", "", "f('•')"),
        ("<button onclick=\"f('•')\">z</button>", "button", "onclick", "f('•')"),
        ("<style>a { color: • }</style><p>z</p>", "style", "", "a { color: • }"),
        ('<p style="color: •">z', "p", "style", "color: •"),
        ("<div x-data=\"{ a: '•' }\">z</div>", "div", "x-data", "{ a: '•' }"),
        ('<meta http-equiv="refresh" content="•">', "meta", "content", "•"),
        ('<iframe srcdoc="•"></iframe>', "iframe", "srcdoc", "•"),
        ("<a onclick=\"location.href='•'\">z</a>", "a", "onclick", "location.href='•'"),
        ('<meta content="•" http-equiv="refresh">', "meta", "content", "•"),
        ("<!--> <script>f('•')</script><p>z</p>", "script", "", "f('•')"),
        ("<svg><style>a { color: • }</style></svg>", "style", "", "a { color: • }"),
        ('<svg><set attributeName="href" to="•"/></svg>', "set", "to", "•"),
        ('<a href="java&#115;cript:f(•)">z</a>', "a", "href", "javascript:f(•)"),
    )
    return [
        *(
            Place("a.html", f"<!doctype html>\n{template}\n", (config.read_html(path, attribute),), meaning)
            for template, path, attribute, meaning in rows
        ),
        *(
            Place("a.html", f"{template}\n", (config.read_html(path, attribute),), meaning, inert=True)
            for template, path, attribute, meaning in code
        ),
    ]


def _xml_places() -> list[Place]:
    rows = (
        ("<a><b>•</b><c/></a>", "b", "", "•"),
        ("<a><b>x • y</b><c/></a>", "b", "", "x • y"),
        ('<a><b k="•" l="x"/></a>', "b", "k", "•"),
        ("<a><b k='x•'/></a>", "b", "k", "x•"),
        ("<a><b><![CDATA[x • y]]></b></a>", "b", "", "x • y"),
        ("<a><!-- • --><b>x</b></a>", "b", "", "x"),
        ("<a><!--•--><b>x</b></a>", "b", "", "x"),
    )
    return [
        Place("a.xml", f'<?xml version="1.0"?>\n{template}\n', (config.read_xml(path, attribute),), meaning)
        for template, path, attribute, meaning in rows
    ]


def _program_places() -> list[Place]:
    unit = "[Unit]\nDescription=x\n[Service]\nUser=y\n"
    sql = (
        ("create table t (c);\ninsert into t values ('•');\n", "select c from t", "•"),
        ("create table t (c);\ninsert into t values ('a''•');\n", "select c from t", "a'•"),
        ("create table t (c);\n-- •\ninsert into t values ('x');\n", "select c from t", "x"),
        ('create table "•" (c);\n', "select name from sqlite_master", "•"),
        ("create table a_• (c);\n", "select name from sqlite_master", "a_•"),
    )
    python = (
        ("k = '•'\nz = 1\n", "•"),
        ('k = "a•"\nz = 1\n', "a•"),
        ("k = •\nz = 1\n", "•"),
        ('k = """a\n•"""\nz = 1\n', "a\n•"),
        ("k = f'{z} • b'\nz = 1\n", "FIELD • b"),
        ("k = r'a•'\nz = 1\n", "a•"),
        ("k = 'x' # •\nz = 1\n", "x"),
        ("k = ('a'\n  'b•')\nz = 1\n", "ab•"),
    )
    return [
        *(Place("a.sql", template, (config.read_sql(query),), meaning) for template, query, meaning in sql),
        *(Place("a.py", template, (config.read_python("k"),), meaning) for template, meaning in python),
        Place("Makefile", "t:\n\tp •\n", (config.make("-n", "t"),), shell=("•",)),
        Place(
            "Makefile",
            "A = x\nt:\n\t@p $(A) '•' \\\n\t  z\n",
            (config.make("-n", "t"),),
            shell=("x", "•", "z"),
        ),
        Place("Makefile", 't:\n\tA=a; p "$$A" "•"\n', (config.make("-n", "t"),), shell=("a", "•")),
        Place("Makefile", ".ONESHELL:\nt:\n\tp a\n\tp •\n", (config.make("-n", "t"),), shell=("a", "•")),
        Place("Makefile", "A = •\n$(info $(A))\nt:\n", (config.make("-s", "t"),), inert=True),
        Place("Makefile", "A := x/•\n$(info $(A))\nt:\n", (config.make("-s", "t"),), "x/•", inert=True),
        Place("Makefile", "# •\n$(info x)\nt:\n", (config.make("-s", "t"),), "x"),
        Place("a.service", f"{unit}ExecStart=/x •\n", (config.unit("ExecStart", 1, is_command=True),)),
        Place("a.service", f'{unit}ExecStart=-/x a "•" b\n', (config.unit("ExecStart", 2, is_command=True),)),
        Place(
            "a.service",
            f"{unit}ExecStart=/x \\\n  # z\n  'a•'\n",
            (config.unit("ExecStart", 1, is_command=True),),
            "a•",
        ),
        Place(
            "a.service",
            f"{unit}ExecStart=/bin/sh -c 'p \"•\"'\n",
            (config.unit("ExecStart", 2, is_command=True),),
            shell=("•",),
        ),
        Place(
            "a.service",
            f'{unit}ExecStartPre=/bin/bash -ec "p •"\n',
            (config.unit("ExecStartPre", 2, is_command=True),),
            shell=("•",),
        ),
        Place("a.service", f'{unit}Environment="A=•" B=1\n', (config.unit("Environment", 0),), "A=•"),
        Place("a.service", f"{unit}Environment=A=•\n", (config.unit("Environment", 0),), "A=•", inert=True),
        Place("a.service", f"{unit.replace('=x', '=a • b')}", (config.unit("Description"),), "a • b"),
        Place(
            "a.service",
            f"{unit}WorkingDirectory=/srv/•\n",
            (config.unit("WorkingDirectory"),),
            "/srv/•",
            inert=True,
        ),
        Place("crontab", "A=1\n*/5 * * * * p a •\n0 0 * * * z\n", (config.cron(1),), shell=("a", "•")),
        Place("crontab", "@daily x\n0 0 * * * p '•'\n", (config.cron(1),), shell=("•",)),
        Place("Procfile", "web: p •\nz: y\n", (config.procfile("web"),), shell=("•",)),
        Place("Procfile", 'web: p "•"\n', (config.procfile("web"),), shell=("•",)),
    ]


def _prometheus_places() -> list[Place]:
    groups = "groups:\n- name: g\n  rules:\n  - alert: A\n    for: 5m\n"
    at = ("groups", 0, "rules", 0)
    operator = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec:\n"
    nested = "".join(f"  {line}\n" for line in groups.splitlines())
    route = "route: {receiver: x}\nreceivers:\n- name: x\n  webhook_configs:\n  - url: •\n"
    return [
        Place(
            "r.yaml",
            f'{groups}    expr: up{{a="•",b="c"}} > 1\n',
            (read_yaml(*at, "expr"), read.read_promql(0)),
        ),
        Place(
            "r.yaml",
            f"{groups}    expr: >-\n      up{{a='x•'}} > 1\n",
            (read_yaml(*at, "expr"), read.read_promql(0)),
            "x•",
        ),
        Place(
            "r.yaml",
            f"{groups}    expr: \"up{{a=~'x•'}} > 1\"\n",
            (read_yaml(*at, "expr"), read.read_promql(0)),
            "x•",
        ),
        Place(
            "r.yaml",
            f"{groups}    expr: up\n    annotations: {{k: a •}}\n",
            (read_yaml(*at, "annotations", "k"), read.without_template),
            "a •",
        ),
        Place(
            "k8s/r.yaml",
            f'{operator}{nested}      expr: up{{a="•"}} > 1\n',
            (read_yaml("spec", *at, "expr"), read.read_promql(0)),
        ),
        Place(
            "k8s/r.yaml",
            f"{operator}{nested}      expr: up\n      labels: {{k: •}}\n",
            (read_yaml("spec", *at, "labels", "k"), read.without_template),
        ),
        Place(
            "alertmanager.yml",
            route,
            (read_yaml("receivers", 0, "webhook_configs", 0, "url"), read.without_template),
        ),
        Place(
            ".gitlab-ci.yml",
            'j:\n  script: [x]\n  rules:\n  - if: $A == "•"\n',
            (read_yaml("j", "rules", 0, "if"),),
            '$A == "•"',
            inert=True,
        ),
        Place(
            "user-data",
            "#cloud-config\nsnap:\n  commands:\n  - p •\n",
            (read_yaml("snap", "commands", 0),),
            shell=("•",),
        ),
    ]


DATA_PLACES = (
    *_toml_places(),
    *_keyed_places(),
    *_commented_json_places(),
    *_nginx_places(),
    *_html_places(),
    *_xml_places(),
    *_program_places(),
    *_prometheus_places(),
)
