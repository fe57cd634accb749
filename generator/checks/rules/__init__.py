"""The rules, by topic: one module a rule, named like its code. `checks/registry.py` finds every module below here."""
