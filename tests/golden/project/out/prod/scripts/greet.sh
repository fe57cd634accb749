#!/bin/sh
# Made by oetgen from templates/scripts/greet.sh.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
# Says hello
greeting='it'"'"'s "$HOME" ${x} %{y} `z`
and a second line: yes'
printf '%s\n' "$greeting" "it's \"\$HOME\" \${x} %{y} \`z\`
and a second line: yes"
