"""What a run of the checks is asked for."""

from __future__ import annotations

import datetime

from generator.findings.record import record
from generator.values.layers import Layer


@record
class CheckOptions:
    """The date, the required tools, whether tools run, and whether all environments are checked.

    With `project_tools`, tools inside the project may run. `public` are texts that look like a secret but are not,
    and `shared` is `oetgen.yaml` where it has suppressions. `templates` is a digest of the templates, which findings
    name; "" when it is not known.
    """

    today: datetime.date
    require: tuple[str, ...] = ()
    tools: bool = True
    complete: bool = True
    project_tools: bool = False
    public: frozenset[str] = frozenset()
    shared: Layer | None = None
    templates: str = ""
