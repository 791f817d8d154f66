"""Commands of the command line, one file for each subject; `payments_web.cli` lists them."""
