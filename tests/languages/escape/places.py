"""The places of the proof: a template with one value, and the consumers that read it, from the outside in."""

from __future__ import annotations

from tests.languages.escape import config_consumers as config
from tests.languages.escape import consumers as read
from tests.languages.escape import data_consumers as data
from tests.languages.escape.consumers import Consumer
from tests.languages.escape.data_places import DATA_PLACES
from tests.languages.escape.place import Place

__all__ = ["PLACES", "Place"]

_yaml, _json, _hcl = read.read_yaml, read.read_json, read.read_hcl


def _yaml_places() -> list[Place]:
    whole = [
        Place("a.yaml", template, (_yaml("k"),), meaning)
        for template, meaning in (
            ("k: •\nz: 1\n", "•"),
            ("k: '•'\nz: 1\n", "•"),
            ('k: "•"\nz: 1\n', "•"),
            ('k: "a • b"\nz: 1\n', "a • b"),
            ("k: |\n  a •\n  b\nz: 1\n", "a •\nb\n"),
            ("k: |-\n  a\n   •\nz: 1\n", "a\n •"),
            ("k: >\n  a •\n  b\nz: 1\n", "a • b\n"),
            ("k: a/•/b\nz: 1\n", "a/•/b"),
            ("{k: •, z: 1}\n", "•"),
            ("k: x # •\nz: 1\n", "x"),
        )
    ]
    return [
        *whole,
        Place("a.yaml", "•: x\n", (_yaml(None),)),
        Place("a.yaml", "a:\n- b\n- •\n- c\n", (_yaml("a", 1),)),
        Place("a.yaml", "a: [b, '•', c]\n", (_yaml("a", 1),)),
        Place("a.yaml", "a: x\n---\nk: '•'\n---\nb: y\n", (read.read_documents(1, "k"),)),
    ]


def _json_places() -> list[Place]:
    return [
        Place("a.json", '{"a": "•", "z": 1}', (_json("a"),)),
        Place("a.json", '{"a": "x•y", "z": 1}', (_json("a"),), "x•y"),
        Place("a.json", '{"a": •, "z": 1}', (_json("a"),)),
        Place("a.json", '{"a": [1, "•"], "z": 1}', (_json("a", 1),)),
        Place("a.json", '{"•": 1}', (_json(None),)),
        Place("a.tf.json", '{"a": "•", "z": 1}', (_json("a"), read.terraform_template)),
        Place("a.tf.json", '{"a": ["x-•"], "z": 1}', (_json("a", 0), read.terraform_template), "x-•"),
        Place("a.json", '{"command": ["sh", "-c", "p \\"•\\""]}', (_json("command", 2),), shell=("•",)),
        Place("a.json", '{"command": ["bash"], "args": ["-ec", "p •"]}', (_json("args", 1),), shell=("•",)),
        Place("a.json", '{"command": ["npx", "•"]}', (_json("command", 1),)),
        Place("package.json", '{"scripts": {"a": "p \'•\'"}}', (_json("scripts", "a"),), shell=("•",)),
        Place(
            "a.tf.json",
            '{"a": {"user_data": "#!/bin/sh\\np •\\n"}}',
            (_json("a", "user_data"), read.terraform_template),
            shell=("•",),
        ),
        Place(
            "a.tf.json",
            '{"a": {"policy": "{\\"a\\": \\"•\\"}"}}',
            (_json("a", "policy"), read.terraform_template, _json("a")),
        ),
        Place(
            "a.tf.json",
            '{"provisioner": [{"local-exec": {"command": "p •"}}]}',
            (_json("provisioner", 0, "local-exec", "command"), read.terraform_template),
            shell=("•",),
        ),
        Place("a.tfvars.json", '{"a": "•", "z": 1}', (_json("a"),)),
    ]


_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  z: y\n"
_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n  - name: a\n    image: b\n"
_CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec:\n  schedule: '* * * * *'\n  jobTemplate:\n"
    "    spec:\n      template:\n        spec:\n          initContainers:\n          - name: a\n"
)
_IN_CRON = ("spec", "jobTemplate", "spec", "template", "spec", "initContainers", 0)
_CONTAINER = ("spec", "containers", 0)


def _config_map_places() -> list[Place]:
    def entry(name: str, content: str, *steps: Consumer, **more: object) -> Place:
        block = "".join(f"    {line}\n" if line else "\n" for line in content.split("\n"))
        template = f"{_MAP}  {name}: |\n{block}"
        return Place("k8s/m.yaml", template, (_yaml("data", name), *steps), **more)  # type: ignore[arg-type]

    return [
        entry("a.json", '{"k": "•", "z": 1}', _json("k")),
        entry("a.json", "[1, •]", _json(1)),
        entry("a.yaml", 'k: "•"\nz: 1', _yaml("k")),
        entry("a.yml", "k: •\nz: 1", _yaml("k")),
        entry("a.yaml", "k: |\n  a\n  b •\nz: 1", _yaml("k"), meaning="a\nb •\n"),
        entry("config", "a:\n- k: '•'\n  z: 1", _yaml("a", 0, "k")),
        entry("mapRoles", "- rolearn: •\n  username: x", _yaml(0, "rolearn")),
        entry("settings", '{"k": "•"}', _json("k")),
        entry("a.sh", "p a '•'\np z", shell=("a", "•", "z")),
        entry("a.sh", "p a •\np z", shell=("a", "•", "z")),
        entry("run", '#!/bin/sh\np a "•"', shell=("a", "•")),
        entry("a.toml", 'k = "•"\nz = 1', read.read_toml("k")),
        entry("a.ini", "[s]\nk = •\nz = 1", data.read_config("s", "k")),
        entry("a.properties", "a=1\nk=•", data.read_properties("k")),
        entry("a.conf", "a 1;\nk •;", read.read_line(1), meaning="k •;", inert=True),
        entry(
            "nginx.conf",
            "server {\n  server_name •;\n}",
            config.read_nginx(0, "block", 0, "args", 0),
        ),
        entry("Corefile", ".:53 {\n  forward . •\n}", read.read_line(1), meaning="  forward . •", inert=True),
        entry("a.env", "A=1\nB=•", data.read_variables("B")),
        entry("a.py", "a = 1\nk = '•'\n", config.read_python("k")),
        entry("a.xml", "<a>\n<k>•</k></a>\n", config.read_xml("k")),
        entry("a.service", "[Service]\nExecStart=/x '•'", config.unit("ExecStart", 1, is_command=True)),
        entry("Makefile", "t:\n\tp •", config.make("-n", "t"), shell=("•",)),
        entry("ca.pem", "x\n•\ny", meaning="x\n•\ny\n"),
        entry("text", "Hello •, you.", meaning="Hello •, you.\n"),
        Place("k8s/m.yaml", f'{_MAP}  a.json: \'{{"k": "•"}}\'\n', (_yaml("data", "a.json"), _json("k"))),
        Place(
            "k8s/m.yaml", f'{_MAP}  a.json: "{{\\"k\\": \\"•\\"}}"\n', (_yaml("data", "a.json"), _json("k"))
        ),
        Place("k8s/m.yaml", f"{_MAP}  k: •\n", (_yaml("data", "k"),)),
        Place("k8s/m.yaml", f"{_MAP}  nginx.conf: |\n    •\n", (_yaml("data", "nginx.conf"),), "•\n"),
        Place("k8s/m.yaml", f"{_MAP}  nginx.conf: •\n", (_yaml("data", "nginx.conf"),)),
        Place(
            "k8s/m.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  a.yaml: |\n    k: '•'\n",
            (_yaml("stringData", "a.yaml"), _yaml("k")),
        ),
    ]


def _kubernetes_places() -> list[Place]:
    note = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  annotations:\n"
    at_note = ("metadata", "annotations")
    alb = "alb.ingress.kubernetes.io/actions.x"
    hook = f"{_POD}    lifecycle:\n      preStop:\n        exec:\n          command: "
    probe = f"{_POD}    livenessProbe:\n      exec:\n        command:\n"
    patch = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    return [
        Place("k8s/a.yaml", f"{note}    k: •\n", (_yaml(*at_note, "k"),)),
        Place("k8s/a.yaml", f'{note}    {alb}: \'{{"a": "•"}}\'\n', (_yaml(*at_note, alb), _json("a"))),
        Place(
            "k8s/a.yaml",
            f'{note}    {alb}: >\n      {{"a": "•",\n      "b": 1}}\n',
            (_yaml(*at_note, alb), _json("a")),
        ),
        Place("k8s/a.yaml", f'{note}    x/json: |\n      ["•"]\n', (_yaml(*at_note, "x/json"), _json(0))),
        Place("k8s/a.yaml", f"{note}    x/y: '[{{\"a\": •}}]'\n", (_yaml(*at_note, "x/y"), _json(0, "a"))),
        Place(
            "k8s/a.yaml",
            f"{note}    nginx.ingress.kubernetes.io/configuration-snippet: |\n      set $a •;\n",
            (_yaml(*at_note, "nginx.ingress.kubernetes.io/configuration-snippet"),),
            "set $a •;\n",
            inert=True,
        ),
        Place(
            "deploy/p.yaml",
            f"{_POD}    command: [sh, -c, 'p \"•\"; p z']\n",
            (_yaml(*_CONTAINER, "command", 2), read.KUBELET),
            shell=("•", "z"),
        ),
        Place(
            "deploy/p.yaml",
            f"{_POD}    command: [/bin/bash, -ec]\n    args:\n    - p •\n",
            (_yaml(*_CONTAINER, "args", 0), read.KUBELET),
            shell=("•",),
        ),
        Place(
            "deploy/p.yaml",
            f"{_POD}    command: [bash, -euo, pipefail, -c]\n    args:\n    - |\n      p a\n      p '•'\n",
            (_yaml(*_CONTAINER, "args", 0), read.KUBELET),
            shell=("a", "•"),
        ),
        Place("deploy/p.yaml", f"{_POD}    args: [--x, •]\n", (_yaml(*_CONTAINER, "args", 1), read.KUBELET)),
        Place(
            "deploy/p.yaml",
            f"{_POD}    env:\n    - name: A\n      value: •\n",
            (_yaml(*_CONTAINER, "env", 0, "value"), read.KUBELET),
        ),
        Place(
            "deploy/p.yaml",
            f"{hook}[sh, -c, 'p •']\n",
            (_yaml(*_CONTAINER, "lifecycle", "preStop", "exec", "command", 2),),
            shell=("•",),
        ),
        Place(
            "deploy/p.yaml",
            f"{probe}        - sh\n        - -c\n        - p '•'\n",
            (_yaml(*_CONTAINER, "livenessProbe", "exec", "command", 2), read.KUBELET),
            shell=("•",),
        ),
        Place(
            "deploy/p.yaml",
            f"{_POD}    command: [python3, -c, 'print(\"•\")']\n",
            (_yaml(*_CONTAINER, "command", 2),),
            'print("•")',
            inert=True,
        ),
        Place(
            "c.yaml",
            f"{_CRON}            command: [sh, -c, p •]\n",
            (_yaml(*_IN_CRON, "command", 2), read.KUBELET),
            shell=("•",),
        ),
        Place(
            "k8s/kustomization.yaml",
            f"{patch}patches:\n- patch: |\n    - op: add\n      path: /a\n      value: •\n",
            (_yaml("patches", 0, "patch"), _yaml(0, "value")),
        ),
        Place(
            "k8s/kustomization.yaml",
            f'{patch}patches:\n- patch: \'[{{"op": "add", "value": "•"}}]\'\n',
            (_yaml("patches", 0, "patch"), _yaml(0, "value")),
        ),
        Place(
            "k8s/kustomization.yaml",
            f"{patch}patches:\n- patch: |\n{_indented(_POD)}        command: [sh, -c, p •]\n",
            (_yaml("patches", 0, "patch"), _yaml(*_CONTAINER, "command", 2), read.KUBELET),
            shell=("•",),
        ),
        Place(
            "k8s/kustomization.yaml",
            f"{patch}configMapGenerator:\n- name: a\n  literals:\n  - A=•\n",
            (_yaml("configMapGenerator", 0, "literals", 0), read.after("A="), read.unquoted),
        ),
        Place(
            "k8s/kustomization.yaml",
            f'{patch}configMapGenerator:\n- name: a\n  files:\n  - "•=x"\n',
            (_yaml("configMapGenerator", 0, "files", 0), read.after("", "=x"), read.without("=")),
        ),
    ]


def _indented(text: str, by: str = "    ") -> str:
    return "".join(f"{by}{line}\n" for line in text.rstrip("\n").split("\n"))


_JOB = "on: push\njobs:\n  j:\n    runs-on: ubuntu-24.04\n    steps:\n"
_STEP = ("jobs", "j", "steps", 0)


def _github_places() -> list[Place]:
    workflow, action = ".github/workflows/a.yaml", ".github/actions/x/action.yml"
    composite = "name: x\nruns:\n  using: composite\n  steps:\n"
    script = f"{_JOB}    - uses: actions/github-script@v7\n      with:\n        script: |\n"
    return [
        Place(workflow, f"name: •\n{_JOB}    - run: x\n", (_yaml("name"), read.GITHUB)),
        Place(workflow, f"env:\n  A: •\n{_JOB}    - run: x\n", (_yaml("env", "A"), read.GITHUB)),
        Place(
            workflow,
            f"{_JOB}    - run: x\n      env:\n        A: a•\n",
            (_yaml(*_STEP, "env", "A"), read.GITHUB),
            "a•",
        ),
        Place(workflow, f"{_JOB}    - run: p •\n", (_yaml(*_STEP, "run"), read.GITHUB), shell=("•",)),
        Place(
            workflow,
            f'{_JOB}    - run: |\n        p a\n        p "•"\n',
            (_yaml(*_STEP, "run"), read.GITHUB),
            shell=("a", "•"),
        ),
        Place(
            workflow,
            f"{_JOB}    - run: |\n        p '•' \\\n          z\n",
            (_yaml(*_STEP, "run"), read.GITHUB),
            shell=("•", "z"),
        ),
        Place(
            workflow,
            f"{_JOB}    - shell: python\n      run: print('•')\n",
            (_yaml(*_STEP, "run"),),
            "print('•')",
            inert=True,
        ),
        Place(
            workflow,
            f"{_JOB}    - shell: pwsh\n      run: echo •\n",
            (_yaml(*_STEP, "run"),),
            "echo •",
            inert=True,
        ),
        Place(
            workflow,
            f"{_JOB}    - uses: azure/cli@v2\n      with:\n        inlineScript: |\n          p •\n",
            (_yaml(*_STEP, "with", "inlineScript"), read.GITHUB),
            shell=("•",),
        ),
        Place(
            workflow,
            f"{_JOB}    - uses: a/b@v2\n      with:\n        run: p •\n",
            (_yaml(*_STEP, "with", "run"),),
            "p •",
            inert=True,
        ),
        Place(
            workflow,
            f"{_JOB}    - uses: a/b@v2\n      with:\n        value: •\n",
            (_yaml(*_STEP, "with", "value"), read.GITHUB),
        ),
        Place(
            workflow,
            f"{script}          p('•')\n          p(1)\n",
            (_yaml(*_STEP, "with", "script"), read.GITHUB),
            node=("•", "1"),
        ),
        Place(
            workflow,
            f'{script}          p("a•")\n',
            (_yaml(*_STEP, "with", "script"), read.GITHUB),
            node=("a•",),
        ),
        Place(
            workflow,
            f"{script}          p(`•`)\n",
            (_yaml(*_STEP, "with", "script"), read.GITHUB),
            node=("•",),
        ),
        Place(
            workflow,
            f"{_JOB}    - run: x\n      if: github.ref == '•'\n",
            (_yaml(*_STEP, "if"), read.after("github.ref == '", "'"), read.expression),
        ),
        Place(
            workflow,
            f"{_JOB}    - run: x\n      if: ${{{{ github.ref == '•' }}}}\n",
            (_yaml(*_STEP, "if"), read.after("${{ github.ref == '", "' }}"), read.expression),
        ),
        Place(
            workflow,
            f'{_JOB}    - run: p "A=•" >> "$GITHUB_ENV"\n',
            (_yaml(*_STEP, "run"), read.GITHUB, read.to_the_shell),
            shell=("A=•",),
            one_line=True,
        ),
        Place(
            workflow,
            f"{_JOB}    - run: |\n        {{\n          p A=•\n        }} >> $GITHUB_OUTPUT\n",
            (_yaml(*_STEP, "run"), read.GITHUB, read.to_the_shell),
            shell=("A=•",),
            one_line=True,
        ),
        Place(
            workflow,
            "on: push\njobs:\n  j:\n    runs-on: x\n    container:\n      image: a\n      options: --cpus • --init\n",
            (_yaml("jobs", "j", "container", "options"),),
            "--cpus • --init",
            inert=True,
        ),
        Place(
            action,
            f"{composite}  - run: p •\n    shell: bash\n",
            (_yaml("runs", "steps", 0, "run"), read.GITHUB),
            shell=("•",),
        ),
        Place(
            action,
            f"{composite}  - run: echo •\n    shell: cmd\n",
            (_yaml("runs", "steps", 0, "run"),),
            "echo •",
            inert=True,
        ),
        Place(
            action,
            f"{composite}  - uses: a/b@v1\n    with: {{a: •}}\n",
            (_yaml("runs", "steps", 0, "with", "a"), read.GITHUB),
        ),
        Place(
            action,
            "name: x\nruns:\n  using: docker\n  image: a\n  entrypoint: sh\n  args: [-c, p •]\n",
            (_yaml("runs", "args", 1), read.GITHUB),
            shell=("•",),
        ),
    ]


def _compose_places() -> list[Place]:
    top = "services:\n  a:\n    image: x\n"
    at = ("services", "a")
    return [
        Place("compose.yml", f"{top}    labels:\n      k: •\n", (_yaml(*at, "labels", "k"), read.COMPOSE)),
        Place(
            "docker-compose.yaml",
            f"{top}    environment:\n      k: 'a•'\n",
            (_yaml(*at, "environment", "k"), read.COMPOSE),
            "a•",
        ),
        Place(
            "compose.yaml",
            f"{top}    environment:\n    - K=•\n",
            (_yaml(*at, "environment", 0), read.COMPOSE),
            "K=•",
        ),
        Place("compose.yaml", f'{top}    command: sh -c "p"\n    x: •\n', (_yaml(*at, "x"), read.COMPOSE)),
        Place(
            "compose.yaml", f"{top}    command: p •\n", (_yaml(*at, "command"), read.COMPOSE), shell=("•",)
        ),
        Place(
            "compose.yaml",
            f"{top}    command: [sh, -c, 'p \"•\"']\n",
            (_yaml(*at, "command", 2), read.COMPOSE),
            shell=("•",),
        ),
        Place("compose.yaml", f"{top}    command: [x, •]\n", (_yaml(*at, "command", 1), read.COMPOSE)),
        Place(
            "compose.yaml",
            f"{top}    entrypoint: [bash, -ec]\n    command:\n    - |\n      p '•'\n      p z\n",
            (_yaml(*at, "command", 0), read.COMPOSE),
            shell=("•", "z"),
        ),
        Place(
            "compose.yaml",
            f"{top}    healthcheck:\n      test: p •\n",
            (_yaml(*at, "healthcheck", "test"), read.COMPOSE),
            shell=("•",),
        ),
        Place(
            "compose.yaml",
            f"{top}    healthcheck:\n      test: [CMD-SHELL, p •]\n",
            (_yaml(*at, "healthcheck", "test", 1), read.COMPOSE),
            shell=("•",),
        ),
        Place(
            "compose.yaml",
            f"{top}    healthcheck:\n      test: [CMD, curl, •]\n",
            (_yaml(*at, "healthcheck", "test", 2), read.COMPOSE),
        ),
        Place(
            "compose.yaml",
            f'{top}configs:\n  c:\n    content: |\n      {{"k": "•"}}\n',
            (_yaml("configs", "c", "content"), read.COMPOSE, _json("k")),
        ),
        Place(
            "compose.yaml",
            f"{top}    configs: [{{source: c, target: /etc/a.yaml}}]\nconfigs:\n  c:\n    content: |\n"
            "      k: '•'\n      z: 1\n",
            (_yaml("configs", "c", "content"), read.COMPOSE, _yaml("k")),
        ),
        Place(
            "compose.yaml",
            f"{top}configs:\n  c:\n    content: |\n      a •;\n",
            (_yaml("configs", "c", "content"),),
            "a •;\n",
            inert=True,
        ),
        Place(
            "compose.yaml",
            f"{top}configs:\n  c:\n    content: •\n",
            (_yaml("configs", "c", "content"), read.COMPOSE),
        ),
    ]


def _ci_places() -> list[Place]:
    written = "#cloud-config\nwrite_files:\n- path: "
    content = (_yaml("write_files", 0, "content"),)
    return [
        Place(".gitlab-ci.yml", "j:\n  script:\n  - p •\n", (_yaml("j", "script", 0),), shell=("•",)),
        Place(
            ".gitlab-ci.yml",
            "j:\n  before_script:\n  - |\n    p '•'\n    p z\n",
            (_yaml("j", "before_script", 0),),
            shell=("•", "z"),
        ),
        Place(".gitlab-ci.yml", 'j:\n  after_script: p "•"\n', (_yaml("j", "after_script"),), shell=("•",)),
        Place(
            ".gitlab-ci.yml",
            "j:\n  variables:\n    A: •\n  script: [x]\n",
            (_yaml("j", "variables", "A"), read.COMPOSE),
        ),
        Place(
            "cloudbuild.yaml",
            "steps:\n- name: x\n  entrypoint: bash\n  args: [-c, p •]\n",
            (_yaml("steps", 0, "args", 1), read.CLOUD_BUILD),
            shell=("•",),
        ),
        Place(
            "cloudbuild.yaml",
            "steps:\n- name: x\n  script: |\n    p '•'\n",
            (_yaml("steps", 0, "script"),),
            shell=("•",),
        ),
        Place(
            "cloudbuild.yaml",
            "steps:\n- name: x\n  args: [a, •]\n",
            (_yaml("steps", 0, "args", 1), read.CLOUD_BUILD),
        ),
        Place(
            "cloudbuild.yaml",
            "steps:\n- name: x\n  script: |\n    #!/usr/bin/env perl\n    x = '•'\n",
            (_yaml("steps", 0, "script"), read.read_line(1)),
            "x = '•'",
            inert=True,
        ),
        Place(
            ".circleci/config.yml",
            "jobs:\n  j:\n    steps:\n    - run: p •\n",
            (_yaml("jobs", "j", "steps", 0, "run"), read.CIRCLE_CI),
            shell=("•",),
        ),
        Place(
            ".circleci/config.yml",
            "jobs:\n  j:\n    steps:\n    - run:\n        command: |\n          p '•'\n",
            (_yaml("jobs", "j", "steps", 0, "run", "command"), read.CIRCLE_CI),
            shell=("•",),
        ),
        Place(
            ".circleci/config.yml",
            "jobs:\n  j:\n    environment: {A: •}\n    steps: []\n",
            (_yaml("jobs", "j", "environment", "A"), read.CIRCLE_CI),
        ),
        Place(
            "Taskfile.yml",
            "tasks:\n  t:\n    cmds:\n    - p •\n",
            (_yaml("tasks", "t", "cmds", 0), read.TASKFILE),
            shell=("•",),
        ),
        Place(
            "Taskfile.yml",
            "tasks:\n  t:\n    cmds:\n    - cmd: |\n        p '•'\n",
            (_yaml("tasks", "t", "cmds", 0, "cmd"), read.TASKFILE),
            shell=("•",),
        ),
        Place("Taskfile.yml", "tasks:\n  t:\n    desc: •\n", (_yaml("tasks", "t", "desc"), read.TASKFILE)),
        Place("user-data", "#cloud-config\nruncmd:\n- p •\n", (_yaml("runcmd", 0),), shell=("•",)),
        Place(
            "user-data",
            "#cloud-config\nbootcmd:\n- [sh, -c, 'p \"•\"']\n",
            (_yaml("bootcmd", 0, 2),),
            shell=("•",),
        ),
        Place("user-data", "#cloud-config\nruncmd:\n- [x, •]\n", (_yaml("runcmd", 0, 1),)),
        Place("user-data", f'{written}/x.json\n  content: |\n    {{"k": "•"}}\n', (*content, _json("k"))),
        Place("user-data", f"{written}/x.sh\n  content: |\n    p •\n", content, shell=("•",)),
        Place(
            "user-data",
            f"{written}/x.yaml\n  content: |\n    k: |\n      a •\n",
            (*content, _yaml("k")),
            "a •\n",
        ),
        Place(
            "user-data",
            f"{written}/etc/nginx/conf.d/x.conf\n  content: |\n    server_name •;\n",
            (*content, config.read_nginx(0, "args", 0)),
        ),
        Place(
            "user-data",
            f"{written}/etc/systemd/system/x.service\n  content: |\n    [Service]\n    ExecStart=/x •\n",
            (*content, config.unit("ExecStart", 1, is_command=True)),
        ),
        Place("user-data", f"{written}/etc/x.conf\n  content: |\n    a •\n", content, "a •\n", inert=True),
        Place("user-data", f"{written}/etc/x.pem\n  content: |\n    •\n", content, "•\n"),
        Place(
            "user-data",
            "#cloud-config\nssh_authorized_keys:\n- ssh-ed25519 •\n",
            (_yaml("ssh_authorized_keys", 0),),
            "ssh-ed25519 •",
            inert=True,
        ),
    ]


def _hcl_places() -> list[Place]:
    init = "#cloud-config\nruncmd:\n- x\nwrite_files:\n- path: /a.yaml\n  content: |\n    k: '•'\n    z: 1\n"
    end = "z = 1\n"
    local = 'resource "r" "n" {\n  provisioner "local-exec" {\n    command = '
    at_local = ("resource", "r", "n", "provisioner", "local-exec", "command")
    return [
        Place("a.tf", f'a = "•"\n{end}', (_hcl("a"),)),
        Place("a.tf", f'a = "x•y"\n{end}', (_hcl("a"),), "x•y"),
        Place("a.tf", f"a = •\n{end}", (_hcl("a"),)),
        Place("a.tf", f'a = [1, "•"]\n{end}', (_hcl("a", 1),)),
        Place("a.tf", f'a = {{ "•" = 1 }}\n{end}', (_hcl("a", None),)),
        Place("a.tf", f'a = 1 # •\nb = "y"\n{end}', (_hcl("b"),), "y"),
        Place("a.tf", f"a = <<EOF\nx •\ny\nEOF\n{end}", (_hcl("a"),), "x •\ny\n"),
        Place("a.tf", f"a = <<-EOF\n    x\n      •\n    y\n  EOF\n{end}", (_hcl("a"),), "x\n  •\ny\n"),
        Place("a.tf", f"a = <<EOF\n•\nEOF\n{end}", (_hcl("a"),), "•\n"),
        Place("a.tf", f'policy = "{{\\"a\\": \\"•\\"}}"\n{end}', (_hcl("policy"), _json("a"))),
        Place(
            "a.tf",
            f'policy = <<EOF\n{{"a": [{{"b": "•"}}]}}\nEOF\n{end}',
            (_hcl("policy"), _json("a", 0, "b")),
        ),
        Place(
            "a.tf",
            f'policy = <<-EOF\n    {{\n      "a": "•",\n      "b": ["${{var.x}}"]\n    }}\n    EOF\n{end}',
            (_hcl("policy"), _json("a")),
        ),
        Place(
            "a.tf",
            f'p = jsonencode({{ a = "•", b = 1 }})\n{end}',
            (read.without_call("jsonencode", f"\n{end}"), _hcl("p", "a")),
        ),
        Place(
            "a.tf",
            f'p = jsonencode({{ command = ["sh", "-c", "p •"] }})\n{end}',
            (read.without_call("jsonencode", f"\n{end}"), _hcl("p", "command", 2)),
            shell=("•",),
        ),
        Place(
            "a.tf",
            f"user_data = base64encode(<<-EOF\n    #!/bin/sh\n    p '•'\n    p z\n  EOF\n)\n{end}",
            (read.without_call("base64encode", f"\n{end}"), _hcl("user_data")),
            shell=("•", "z"),
        ),
        Place("a.tfvars", f'a = "•"\n{end}', (_hcl("a"),)),
        Place(
            "a.tf",
            f"user_data = <<EOF\n#!/bin/bash\np '•'\np z\nEOF\n{end}",
            (_hcl("user_data"),),
            shell=("•", "z"),
        ),
        Place(
            "a.tf",
            f'user_data = <<-EOF\n    #!/bin/sh\n    p "•"\n    p z\n  EOF\n{end}',
            (_hcl("user_data"),),
            shell=("•", "z"),
        ),
        Place("a.tf", f"user_data = <<EOF\np •\np z\nEOF\n{end}", (_hcl("user_data"),), shell=("•", "z")),
        Place(
            "a.tf", f'startup_script = "#!/bin/sh\\np •\\n"\n{end}', (_hcl("startup_script"),), shell=("•",)
        ),
        Place(
            "a.tf",
            f"user_data = <<EOF\n#!/usr/bin/env python3\nk = '•'\nEOF\n{end}",
            (_hcl("user_data"), config.read_python("k")),
        ),
        Place(
            "a.tf",
            f"user_data = <<EOF\n#!/usr/bin/env perl\nx = '•'\nEOF\n{end}",
            (_hcl("user_data"), read.read_line(1)),
            "x = '•'",
            inert=True,
        ),
        Place(
            "a.tf",
            f"user_data = <<EOF\n<powershell>\necho •\nEOF\n{end}",
            (_hcl("user_data"), read.read_line(1)),
            "echo •",
            inert=True,
        ),
        Place(
            "a.tf",
            f"user_data = <<EOF\n#cloud-config\nruncmd:\n- p •\nEOF\n{end}",
            (_hcl("user_data"), _yaml("runcmd", 0)),
            shell=("•",),
        ),
        Place(
            "a.tf",
            f"user_data = <<-EOF\n{_indented(init)}  EOF\n{end}",
            (_hcl("user_data"), _yaml("write_files", 0, "content"), _yaml("k")),
        ),
        Place("a.tf", f'{local}"p •"\n  }}\n}}\n{end}', (_hcl(*at_local),), shell=("•",)),
        Place(
            "a.tf", f"{local}<<EOF\np a\np '•'\nEOF\n  }}\n}}\n{end}", (_hcl(*at_local),), shell=("a", "•")
        ),
        Place(
            "a.tf",
            f'{local}"p(\'•\')"\n    interpreter = ["python3", "-c"]\n  }}\n}}\n{end}',
            (_hcl(*at_local),),
            "p('•')",
            inert=True,
        ),
        Place(
            "a.tf",
            f'{local}"p \\"•\\""\n    interpreter = ["bash", "-c"]\n  }}\n}}\n{end}',
            (_hcl(*at_local),),
            shell=("•",),
        ),
        Place(
            "a.tf",
            f'resource "r" "n" {{\n  provisioner "remote-exec" {{\n    inline = ["a", "p •"]\n  }}\n}}\n{end}',
            (_hcl("resource", "r", "n", "provisioner", "remote-exec", "inline", 1),),
            shell=("•",),
        ),
        Place(
            "a.tf",
            f'data "external" "n" {{\n  program = ["bash", "-c", "p •"]\n}}\n{end}',
            (_hcl("data", "external", "n", "program", 2),),
            shell=("•",),
        ),
        Place("a.tf", f'command = ["sh", "-ec", "p \'•\'"]\n{end}', (_hcl("command", 2),), shell=("•",)),
        Place("a.tf", f"manifest = <<EOF\n{_MAP}  k: •\nEOF\n{end}", (_hcl("manifest"), _yaml("data", "k"))),
        Place("a.tf", f'values = [<<EOF\na:\n  b: "•"\nEOF\n]\n{end}', (_hcl("values", 0), _yaml("a", "b"))),
        Place(
            "a.tf",
            f'resource "local_file" "n" {{\n  filename = "a.json"\n  content = <<EOF\n{{"k": "•"}}\nEOF\n}}\n{end}',
            (_hcl("resource", "local_file", "n", "content"), _json("k")),
        ),
    ]


def _dockerfile_places() -> list[Place]:
    def instruction(text: str, part: str, index: int = 0, *steps: Consumer, **more: object) -> Place:
        template = f"FROM base\n{text}\nRUN after\n"
        return Place("Dockerfile", template, (read.read_instruction(1, part, index), *steps), **more)  # type: ignore[arg-type]

    return [
        instruction("RUN p •", "value", shell=("•",)),
        instruction('RUN p "•" && \\\n    p z', "value", shell=("•", "z")),
        instruction("CMD p '•'", "value", shell=("•",)),
        instruction('CMD ["x", "•"]', "value", 1),
        instruction('ENTRYPOINT ["sh", "-c", "p •"]', "value", 2, shell=("•",)),
        instruction('SHELL ["x", "•"]', "value", 1),
        instruction(
            "RUN --mount=type=secret,id=•,target=/x y",
            "flags",
            meaning="--mount=type=secret,id=•,target=/x",
            inert=True,
        ),
        instruction(
            "RUN --mount=type=bind,source=/•,target=/x y",
            "flags",
            meaning="--mount=type=bind,source=/•,target=/x",
            inert=True,
        ),
        instruction("RUN --network=• y", "flags", meaning="--network=•", inert=True),
        instruction("COPY --from=• /a /b", "flags", meaning="--from=•", inert=True),
        instruction("COPY --chown=x:• /a /b", "flags", meaning="--chown=x:•", inert=True),
        instruction("COPY • /b", "value", inert=True),
        instruction('COPY ["•", "/b"]', "value", 0),
        instruction("ADD --checksum=• /a /b", "flags", meaning="--checksum=•", inert=True),
        instruction("USER •", "value", inert=True),
        instruction("WORKDIR /a/•", "value", meaning="/a/•", inert=True),
        instruction("EXPOSE •", "value", inert=True),
        instruction("VOLUME •", "value", inert=True),
        instruction('ENV A="•" B=c', "value", 1, read.dockerfile_word),
        instruction("ENV A=• B=c", "value", 1, read.dockerfile_word),
        instruction("ENV A •", "value", 1, read.dockerfile_word),
        instruction('LABEL a.b="x •" c=d', "value", 1, read.dockerfile_word, meaning="x •"),
        instruction("ARG A=•", "value", 0, read.dockerfile_word, meaning="A=•"),
        instruction("STOPSIGNAL •", "value", inert=True),
        instruction("HEALTHCHECK CMD p •", "value", 1, shell=("•",)),
        instruction("HEALTHCHECK --interval=• CMD x", "flags", meaning="--interval=•", inert=True),
        instruction('HEALTHCHECK --interval=3s CMD ["x", "•"]', "value", 2),
        instruction("ONBUILD RUN p •", "value", shell=("•",)),
        instruction("ONBUILD ENV A=•", "value", 1, read.dockerfile_word),
        instruction("LABEL a.b •", "value", 1, read.dockerfile_word),
        instruction("ENV A=x•y", "value", 1, read.dockerfile_word, meaning="x•y"),
        instruction("COPY --exclude=• a b", "flags", meaning="--exclude=•", inert=True),
        instruction("RUN --security=• a", "flags", meaning="--security=•", inert=True),
        instruction("RUN cat <<'EOF' > /a\nx •\nEOF", "heredocs", meaning="x •\n"),
        instruction("RUN <<EOF\np a\np '•'\nEOF", "heredocs", shell=("a", "•")),
        instruction("RUN <<EOF\np a\np •\nEOF", "heredocs", shell=("a", "•")),
        instruction(
            "RUN <<EOF\n#!/usr/bin/env perl\nx = '•'\nEOF",
            "heredocs",
            0,
            read.read_line(1),
            meaning="x = '•'",
            inert=True,
        ),
        instruction("RUN python3 <<EOF\nx = '•'\nEOF", "heredocs", meaning="x = '•'\n", inert=True),
        instruction(
            'COPY <<EOF /etc/a.json\n{"k": "•"}\nEOF', "heredocs", 0, read.dockerfile_heredoc, _json("k")
        ),
        instruction("COPY <<'EOF' /etc/a.yaml\nk: '•'\nz: 1\nEOF", "heredocs", 0, _yaml("k")),
        instruction("COPY <<EOF /etc/a.conf\nx •\nEOF", "heredocs", 0, meaning="x •\n", inert=True),
        instruction("MAINTAINER •", "value", inert=True),
        Place(
            "Dockerfile",
            "FROM a:• AS b\nRUN after\n",
            (read.read_instruction(0, "value", 0),),
            "a:•",
            inert=True,
        ),
        Place(
            "Dockerfile",
            "FROM --platform=• a AS b\nRUN after\n",
            (read.read_instruction(0, "flags", 0),),
            "--platform=•",
            inert=True,
        ),
        Place("Dockerfile", "FROM a AS •\nRUN after\n", (read.read_instruction(0, "value", 2),), inert=True),
        Place(
            "Dockerfile", "# syntax=docker/•\nFROM a\n", (read.read_line(0),), "# syntax=docker/•", inert=True
        ),
        Place("Dockerfile", "FROM a\n# •\nRUN after\n", (read.read_instruction(1, "value", 0),), "after"),
    ]


def _markdown_places() -> list[Place]:
    pages = (
        "•",
        "a • b",
        "# •",
        "- •\n- x",
        "> •",
        "**•** x",
        "`•`",
        "`` • ``",
        "[•](x)",
        "[x](•)",
        "[x](<•>)",
        '[x](y "•")',
        "![•](x)",
        "[x]•",
        "<https://x/•>",
        "<summary>•</summary>",
        "<div>\n•\n</div>",
        "<div>\n\n•\n\n</div>",
        "<details><summary>x</summary>\n•\n</details>",
        "a <b>•</b> c",
        "<pre>\n•\n</pre>",
        "<script>\n•\n</script>",
        '<a href="•">x</a>',
        '<img alt="•">',
        "<!-- • -->",
        "<!--\n•\n-->",
        "| a | • |\n|---|---|\n| b | c |",
        "| a | b |\n|---|---|\n| `•` | c |",
        "[a]: • 'x'\n\n[a]",
        "[a]: x '•'\n\n[a]",
        "> <div>\n> •\n> </div>",
        "- <b>\n  •\n  </b>",
        "<b>\n•\n</b>",
        "<b>x</b> •",
        '<img alt="•" src="x">',
        "[a]: x\n\n[a]•",
        "```text\nx •\n```",
        "````\n```\nx •\n```\n````",
        "~~~\n•\n~~~",
        "```•\nx\n```",
        "    x •",
        "1. a\n\n   •\n",
        "a\n•\nb",
        "•\n===",
        "https://x/•",
        "AT&T•",
        "a^•^",
    )
    block = "a\n\n```{}\n{}\n```\n\nb\n"
    return [
        *(Place("README.md", f"x\n\n{text}\n\ny\n", page=True) for text in pages),
        Place("README.md", block.format("bash", "p •\np z"), (read.fence,), shell=("•", "z")),
        Place("README.md", block.format("sh", "p '•'"), (read.fence,), shell=("•",)),
        Place("README.md", block.format("json", '{"k": "•"}'), (read.fence, _json("k"))),
        Place("README.md", block.format("yaml", 'k: "•"\nz: 1'), (read.fence, _yaml("k"))),
        Place("README.md", block.format("toml", "k = •\nz = 1"), (read.fence, read.read_toml("k"))),
        Place(
            "README.md",
            block.format("nginx", "server_name •;"),
            (read.fence, config.read_nginx(0, "args", 0)),
        ),
        Place(
            "README.md",
            block.format("yaml", f'{_MAP}  a.json: \'{{"k": "•"}}\''),
            (read.fence, _yaml("data", "a.json"), _json("k")),
        ),
        Place("README.md", block.format("hcl", 'a = "•"'), (read.fence, _hcl("a"))),
        Place(
            "README.md", "---\ntitle: •\nz: 1\n---\n\nx\n", (read.between("---\n", "---\n"), _yaml("title"))
        ),
        Place(
            "README.md", "---\ntitle: '•'\nz: 1\n---\n\nx\n", (read.between("---\n", "---\n"), _yaml("title"))
        ),
    ]


def _pipeline_places() -> list[Place]:
    tekton = "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - name: a\n    script: |\n      "
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - script:\n"
    argo = head + "      command: [{}]\n      source: |\n        {}\n"
    source = ("spec", "templates", 0, "script", "source")
    windows = "pool: {vmImage: windows-2022}\nsteps:\n- script: echo •\n"
    phase = ("phases", "build", "commands", 0)
    expanded = read.interpolated(r"\$[({\[]", "\0\0\0", "")
    return [
        Place(
            "azure-pipelines.yml",
            "steps:\n- script: p •\n",
            (_yaml("steps", 0, "script"), expanded),
            shell=("•",),
        ),
        Place("azure-pipelines.yml", windows, (_yaml("steps", 0, "script"),), "echo •", inert=True),
        Place(
            "azure-pipelines.yml",
            "steps:\n- pwsh: echo •\n",
            (_yaml("steps", 0, "pwsh"),),
            "echo •",
            inert=True,
        ),
        Place(
            "bitbucket-pipelines.yml",
            "p:\n- step:\n    script:\n    - p '•'\n",
            (_yaml("p", 0, "step", "script", 0),),
            shell=("•",),
        ),
        Place(
            "buildspec.yml", "phases:\n  build:\n    commands:\n    - p •\n", (_yaml(*phase),), shell=("•",)
        ),
        Place(
            ".buildkite/pipeline.yml",
            'steps:\n- command: |\n    p a\n    p "•"\n',
            (_yaml("steps", 0, "command"), expanded),
            shell=("a", "•"),
        ),
        Place(
            ".drone.yml",
            "steps:\n- commands: [p •]\n  name: x\n",
            (_yaml("steps", 0, "commands", 0), expanded),
            shell=("•",),
        ),
        Place(".drone.yml", "steps:\n- name: •\n", (_yaml("steps", 0, "name"), expanded)),
        Place(
            "t.yaml",
            f"{tekton}#!/usr/bin/env bash\n      p '•'\n",
            (_yaml("spec", "steps", 0, "script"),),
            shell=("•",),
        ),
        Place(
            "t.yaml",
            f"{tekton}#!/usr/bin/env perl\n      x = '•'\n",
            (_yaml("spec", "steps", 0, "script"), read.read_line(1)),
            "x = '•'",
            inert=True,
        ),
        Place("t.yaml", argo.format("bash", "p •"), (_yaml(*source),), shell=("•",)),
        Place("t.yaml", argo.format("python", "x = '•'"), (_yaml(*source),), "x = '•'\n", inert=True),
    ]


def _deep_places() -> list[Place]:
    """Return places that are three languages deep, or more."""
    inner = f"{_POD}    command: [sh, -c, 'p \"•\"; p z']\n"
    listed = "apiVersion: v1\nkind: List\nitems:\n- " + _indented(_MAP, "  ").strip() + "\n"
    nested = f"{_MAP}  pod.yaml: |\n{_indented(inner)}"
    command = (_yaml(*_CONTAINER, "command", 2), read.KUBELET)
    config = f'{_MAP}  a.json: \'{{"k": "•"}}\'\n'
    script = f"{_MAP}  run.sh: |\n    p '•'\n    p z\n"
    init = "#cloud-config\nwrite_files:\n- path: /a/pod.yaml\n  content: |\n" + _indented(inner)
    return [
        Place("k8s/a.yaml", nested, (_yaml("data", "pod.yaml"), *command), shell=("•", "z")),
        Place(
            "k8s/a.yaml",
            f"{listed}    a.yaml: |\n      k: •\n      z: 1\n",
            (_yaml("items", 0, "data", "a.yaml"), _yaml("k")),
        ),
        Place(
            "k8s/a.yaml",
            f"{listed}    a.yaml: |\n{_indented(nested, '      ')}",
            (_yaml("items", 0, "data", "a.yaml"), _yaml("data", "pod.yaml"), *command),
            shell=("•", "z"),
        ),
        Place("a.tf", f"m = <<EOF\n{config}EOF\nz = 1\n", (_hcl("m"), _yaml("data", "a.json"), _json("k"))),
        Place(
            "a.tf",
            f"m = <<-EOF\n{_indented(config)}    EOF\nz = 1\n",
            (_hcl("m"), _yaml("data", "a.json"), _json("k")),
        ),
        Place(
            "a.tf",
            f"m = <<-EOF\n{_indented(script)}    EOF\nz = 1\n",
            (_hcl("m"), _yaml("data", "run.sh")),
            shell=("•", "z"),
        ),
        Place(
            "a.tf",
            f"m = <<EOF\n{nested}EOF\nz = 1\n",
            (_hcl("m"), _yaml("data", "pod.yaml"), *command),
            shell=("•", "z"),
        ),
        Place(
            "a.tf",
            f"user_data = <<EOF\n{init}EOF\nz = 1\n",
            (_hcl("user_data"), _yaml("write_files", 0, "content"), *command),
            shell=("•", "z"),
        ),
        Place(
            "k8s/a.yaml",
            f"{_MAP}  a.tf: |\n    m = <<EOF\n{_indented(config)}    EOF\n    z = 1\n",
            (_yaml("data", "a.tf"), _hcl("m"), _yaml("data", "a.json"), _json("k")),
        ),
        Place(
            "k8s/a.yaml",
            f'{_MAP}  a.tf: |\n    policy = "{{\\"a\\": \\"•\\"}}"\n    z = 1\n',
            (_yaml("data", "a.tf"), _hcl("policy"), _json("a")),
        ),
        Place(
            "README.md",
            f"a\n\n```yaml\n{nested}```\n\nb\n",
            (read.fence, _yaml("data", "pod.yaml"), *command),
            shell=("•", "z"),
        ),
        Place(
            "README.md",
            f"a\n\n```hcl\nm = <<EOF\n{script}EOF\n```\n\nb\n",
            (read.fence, _hcl("m"), _yaml("data", "run.sh")),
            shell=("•", "z"),
        ),
        Place(
            ".github/workflows/a.yml",
            f'{_JOB}    - run: |\n        p \'{{"k": "a•"}}\'\n',
            (_yaml(*_STEP, "run"), read.GITHUB),
            shell=('{"k": "a•"}',),
        ),
        Place(
            "Dockerfile",
            'FROM a\nRUN p \'{"k": "x•"}\'\nRUN after\n',
            (read.read_instruction(1, "value", 0),),
            shell=('{"k": "x•"}',),
        ),
        Place(
            "Dockerfile",
            f"FROM a\nCOPY <<'EOF' /x/m.yaml\n{nested}EOF\nRUN after\n",
            (read.read_instruction(1, "heredocs", 0), _yaml("data", "pod.yaml"), *command),
            shell=("•", "z"),
        ),
        Place(
            "compose.yaml",
            f"services:\n  a:\n    image: x\nconfigs:\n  c:\n    content: |\n{_indented(config, '      ')}",
            (_yaml("configs", "c", "content"), read.COMPOSE, _yaml("data", "a.json"), _json("k")),
        ),
    ]


def _touching_places() -> list[Place]:
    """Return places where a value stands beside itself, or beside what it could make something of."""
    run = "jobs: {j: {runs-on: ubuntu-24.04, steps: [{run: 'p \"${A}••\"'}]}}\n"
    block = f"{_MAP}  a.yaml: |\n    k: |\n      ••\n      z\n"
    return [
        Place("a.yaml", "k: ••\n", (_yaml("k"),), "••"),
        Place("a.yaml", "k: '•''•'\n", (_yaml("k"),), "•'•"),
        Place("a.yaml", 'k: "•\\\\•"\n', (_yaml("k"),), "•\\•"),
        Place("a.json", '{"k": "••"}\n', (_json("k"),), "••"),
        Place("a.tf", 'a = "••"\nz = 1\n', (_hcl("a"),), "••"),
        Place("a.tf", "a = <<EOF\n••\n•{\nEOF\nz = 1\n", (_hcl("a"),), "••\n•{\n"),
        Place("a.tf", "a = <<-EOF\n    ••\n      x\n  EOF\nz = 1\n", (_hcl("a"),), "••\n  x\n"),
        Place("a.sh", "p ••\n", shell=("••",)),
        Place("a.sh", "p x'•'\"•\"•\n", shell=("x•••",)),
        Place(
            ".github/workflows/a.yml",
            run,
            (_yaml("jobs", "j", "steps", 0, "run"), read.GITHUB),
            shell=("••",),
        ),
        Place("compose.yml", "x-a: '••'\n", (_yaml("x-a"), read.COMPOSE), "••"),
        Place("k8s/a.yaml", block, (_yaml("data", "a.yaml"), _yaml("k")), "••\nz\n"),
        Place(
            "Dockerfile",
            'FROM a\nENV A="••"\n',
            (read.read_instruction(1, "value", 1), read.dockerfile_word),
            "••",
        ),
        Place(
            "Dockerfile",
            "FROM a\nENV A=••\n",
            (read.read_instruction(1, "value", 1), read.dockerfile_word),
            "••",
        ),
        Place("Dockerfile", "FROM a\nRUN p ••\n", (read.read_instruction(1, "value", 0),), shell=("••",)),
        Place(
            "Dockerfile",
            "FROM a\nRUN <<EOF\np '••'\nEOF\n",
            (read.read_instruction(1, "heredocs", 0),),
            shell=("••",),
        ),
        Place("a.tf", "a = <<EOF\nx••y\nEOF\nz = 1\n", (_hcl("a"),), "x••y\n"),
        Place("a.ts", "p('••')\n", node=("••",)),
        *(
            Place("README.md", f"x\n\n{text}\n\ny\n", page=True)
            for text in (
                "••",
                "[•]•",
                "![•](•)",
                "<b>••</b>",
                "<div>\n••\n</div>",
                "`•` •",
                "a*•*•",
                "- •\n- •",
                "•\n•",
            )
        ),
    ]


def _text_places() -> list[Place]:
    return [
        Place("a.conf", "a 1;\nk •;\n", (read.read_line(1),), "k •;", inert=True),
        Place("Jenkinsfile", "k = '•'\n", (read.read_line(0),), "k = '•'", inert=True),
        Place(
            "Caddyfile", "a {\n  reverse_proxy •\n}\n", (read.read_line(1),), "  reverse_proxy •", inert=True
        ),
        Place(
            "chart/templates/a.yaml",
            "{% raw %}\na: {{ .x }}\n{% endraw %}\nk: •\n",
            (read.read_line(1),),
            "k: •",
            inert=True,
        ),
        Place(
            "values.yaml",
            "nginx: |\n  server {\n    server_name •;\n  }\n",
            (_yaml("nginx"), config.read_nginx(0, "block", 0, "args", 0)),
        ),
        Place("values.yaml", "init: |\n  #!/bin/sh\n  p '•'\n", (_yaml("init"),), shell=("•",)),
        Place(
            "values.yaml", "files:\n  a.toml: |\n    k = •\n", (_yaml("files", "a.toml"), read.read_toml("k"))
        ),
        Place("a.js", "p('•')\np(1)\n", node=("•", "1")),
        Place(".dockerignore", "a\n•x\n", (read.read_line(1),), "•x", inert=True),
        Place("a.sh", "p •\np z\n", shell=("•", "z")),
        Place("a.sh", "p '•'\n", shell=("•",)),
        Place("a.sh", 'p "•"\n', shell=("•",)),
        Place("a.sh", 'x=•\np "$x"\n', shell=("•",)),
        Place("a.ts", "p('•')\np(1)\n", node=("•", "1")),
        Place("a.ts", "p(•)\n", node=("•",)),
        Place("a.ts", "p(`a•`)\n", node=("a•",)),
        Place("a.ts", "// •\np('a')\n", node=("a",)),
    ]


PLACES = (
    *_yaml_places(),
    *_json_places(),
    *_config_map_places(),
    *_kubernetes_places(),
    *_github_places(),
    *_compose_places(),
    *_ci_places(),
    *_hcl_places(),
    *_dockerfile_places(),
    *_markdown_places(),
    *_pipeline_places(),
    *_touching_places(),
    *_deep_places(),
    *_text_places(),
    *DATA_PLACES,
)
