#!/bin/sh
# Made by oetgen from templates/scripts/greet.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# Says hello
greeting=plain
printf '%s\n' "$greeting" "plain"
