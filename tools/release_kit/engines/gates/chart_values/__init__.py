"""The gate `values`: values.yaml, the values files, the schema, the templates and the README say the same.

`check` asks the parts: `schema` (values against values.schema.json) and `schema_drift` (that against values.yaml),
`keys` (values files against values.yaml), `usage` (templates against values.yaml), `documentation` (the README).
They share what `chart` reads and `merge` merges as Helm does, and `knowledge`: whatever makes a key known. What
templates read is found by following them: `walk`, made of `templates`, `expressions` and `reads`.
"""
