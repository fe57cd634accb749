"""The proof of the wheel and its starters: `python -m tests.starters FOLDER`; and the takeover of the largest one."""
