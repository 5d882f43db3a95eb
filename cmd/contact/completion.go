package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// completions are the scripts for each shell. Each takes a list of words to offer for every
// command, and offers files beside them.
var completions = map[string]struct{ head, row, foot string }{
	"bash": {
		head: "_contact() {\n\tlocal words\n\tcase ${COMP_WORDS[1]} in\n",
		row:  "\t%[1]s) words='%[2]s' ;;\n",
		foot: "\t*) words='%[1]s' ;;\n\tesac\n" +
			"\t[ \"$COMP_CWORD\" = 1 ] && words='%[1]s'\n" +
			"\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n" +
			"}\ncomplete -o default -F _contact contact\n",
	},
	"zsh": {
		head: "#compdef contact\n_contact() {\n\tif (( CURRENT == 2 )); then\n" +
			"\t\tcompadd -- ${=_contact_commands}\n\t\treturn\n\tfi\n\tcase $words[2] in\n",
		row: "\t%[1]s) [[ $PREFIX == -* ]] && compadd -- %[2]s || _files ;;\n",
		foot: "\t*) _files ;;\n\tesac\n}\n_contact_commands='%[1]s'\n" +
			"compdef _contact contact\n",
	},
	"fish": {
		row:  "complete -c contact -n '__fish_seen_subcommand_from %[1]s' -a '%[2]s'\n",
		foot: "complete -c contact -n __fish_use_subcommand -f -a '%[1]s'\n",
	},
}

// completion prints the script for a shell: contact completion bash >/etc/bash_completion.d/contact.
func (e *env) completion(args []string) int {
	shells := slices.Sorted(maps.Keys(completions))
	if len(args) != 1 || completions[args[0]].row == "" {
		return e.misused("", "completion takes one of: "+strings.Join(shells, ", "))
	}
	script := completions[args[0]]
	var out strings.Builder
	out.WriteString(script.head)
	names := []string{"help", "version", "completion"}
	for _, c := range commands {
		names = append(names, c.name)
		flags, _ := c.flags(e)
		words := []string{"--help"}
		flags.VisitAll(func(f *flag.Flag) { words = append(words, "--"+f.Name) })
		fmt.Fprintf(&out, script.row, c.name, strings.Join(words, " "))
	}
	slices.Sort(names)
	fmt.Fprintf(&out, script.foot, strings.Join(names, " "))
	e.print(out.String())
	return exitOK
}
