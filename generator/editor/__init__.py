"""The language server: the pipeline kept in memory, for the files as they are typed.

`workspace` analyses the project with the unsaved texts; everything else answers from the last analysis (`Snapshot`)
and never analyses. Only `server` and `root` know the protocol: elsewhere lines and columns count
from 0, in characters.
"""
