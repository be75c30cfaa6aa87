"""Article extraction: a page in, its full text out; pure, run in a worker process."""

import os

# Nothing here uses numpy's linear algebra, whose threads would claim a worker's whole address space
# on a machine with many cores. It reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
