"""The proof that no value leaves its place: every language, every place in it, and languages in languages.

A template with one value is rendered by the real engine with hostile values, and the parser of the file's consumer
reads the value back: it must be what was given, and all that is around it must be as with a harmless value.
"""
