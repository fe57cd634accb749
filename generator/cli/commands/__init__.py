"""The commands: the file of a command has its name, and so has the function in it."""
