#!/bin/sh
# The Helm 3 of this machine.
exec helm3 "$@"
