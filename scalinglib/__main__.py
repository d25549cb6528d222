"""``python -m scalinglib``, the command ``scalinglib``."""

from scalinglib.cli import main

if __name__ == "__main__":
    main()
