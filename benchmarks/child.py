"""`python -m benchmarks.child MODULE FUNCTION ARGUMENTS RESULT`: a benchmark's function in a fresh interpreter.

ARGUMENTS is a JSON list; what the function gives is written to RESULT as JSON. A module that is run, not
`multiprocessing`: PySpark takes a main module without a file for its own doctests and ends the process.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    module, function, arguments, result = sys.argv[1:]
    given = getattr(import_module(module), function)(*json.loads(arguments))
    Path(result).write_text(json.dumps(given, default=str), encoding="utf-8")
