"""`python -m benchmarks.child TASK RESULT`: a pickled (function, arguments) is run, what it gives is pickled.

A module that is run, not `multiprocessing`: PySpark takes a main module without a file for its own doctests and ends
the process.
"""

import pickle
import sys
from pathlib import Path

if __name__ == "__main__":
    function, arguments = pickle.loads(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_bytes(pickle.dumps(function(*arguments)))
