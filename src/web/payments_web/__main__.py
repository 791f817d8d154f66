"""`python -m payments_web` is the `payments` command."""

from payments_web.cli import main

if __name__ == "__main__":
    main()
