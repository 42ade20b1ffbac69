"""The command line: argument parsing, wiring, the one error boundary and the only writer to stdout and stderr."""
