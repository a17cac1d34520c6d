"""The watch language: `parse` reads it and names every error at once, `show` writes it, `import_query` brings
queries of other tools over.
"""

from monitors.query.dialects import DIALECTS
from monitors.query.imports import Imported, import_query
from monitors.query.parser import Parsed, parse, read
from monitors.query.printing import show
from monitors.query.problems import Problem, QueryInvalid
from monitors.query.tree import Query

__all__ = [
    "DIALECTS",
    "Imported",
    "Parsed",
    "Problem",
    "Query",
    "QueryInvalid",
    "import_query",
    "parse",
    "read",
    "show",
]
