"""`python -m deadlight` is the command line."""

from deadlight.cli import main

if __name__ == "__main__":
    main()
