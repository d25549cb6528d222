"""``python -m scalinglib.doctor``."""

import sys

from scalinglib.doctor.visit import main

if __name__ == "__main__":
    sys.exit(main())
