"""`python -m augcheck MODULE:FUNCTION`."""

import sys

from augcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
