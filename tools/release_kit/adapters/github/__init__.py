"""GitHub: its REST API (docs.github.com/rest, version 2022-11-28), one module for each thing that is asked of it."""
