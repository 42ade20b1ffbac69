"""The gate `values`: values.yaml, the values files, the schema, the templates and the documentation in step.

`chart` reads the chart and `merge` its values as Helm does; `schema` holds the values to values.schema.json, and
`schema_drift` that to values.yaml; `known` holds the values files to values.yaml; `templates` and `reads` find out
what templates read, and `usage` compares it with values.yaml; `tables` and `documentation` read the README.
"""
