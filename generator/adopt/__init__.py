"""Turn existing folders, one for each environment, into values, a schema and templates that render the same bytes.

The steps, each in a module of its own: `tree` reads the folders and `pairs` finds the files that belong together;
`lines` gives each line its place in the syntax tree of its file, `alike` does so for copies, and `align` finds the
lines that are the same in several environments; `parts` and `values` turn what differs into named values, `names`
finds the names; `conditions` names what only some environments have; `items` finds things of one kind in a file,
`loops` those that differ in little, `siblings` such files, and `entries` joins them; `templates` writes the text;
`project` assembles all of it; `prove` compares.
"""
