"""`python -m augcheck MODULE:FUNCTION`."""

import sys

from augcheck.command import main

if __name__ == "__main__":
    sys.exit(main())
