"""`python -m crisis` is the same door as the `crisis` command."""

from crisis.cli import main

if __name__ == "__main__":
    main()
