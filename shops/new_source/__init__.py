"""From sample files of an unknown shop to its declaration and staging models: `precision new-source`.

In the order in which a file goes through: `sample` reads it, `cells` says how its cells are written, `vocabulary` and
`meanings` what its columns mean, `tables` what its rows are, `windows` how far to look back and ahead, `plan` puts it
together and asks what could not be decided, `declaration_text`, `models` and `model_text` write it down.
"""
