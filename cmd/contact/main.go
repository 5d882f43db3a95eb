// Command contact validates, merges and compares contacts on the command line, by the engine of
// package contact: one at a time, or files of millions.
//
// Results are JSON on standard output; errors are the API's envelope on standard error, a text for
// people where that is a terminal. The exit status is 0, or 1 if an input is invalid or a three-way
// merge left conflicts, or 2 if the command was not used as it should be, a file cannot be read or
// the output cannot be written. Run contact --help for the commands.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/partner-contacts/contact"
)

// The exit statuses.
const (
	exitOK      = 0
	exitInvalid = 1
	exitTrouble = 2
)

// A command is one of the program's verbs.
type command struct {
	name  string
	args  string // what follows the flags in the usage line
	short string // for the list of commands
	long  string // for the command's own help
	most  int    // operands
	least int

	// setup defines the command's flags and returns what runs it once they are parsed.
	setup func(*flag.FlagSet) func(*env, []string) int
}

var commands = []command{
	validateCommand, mergeCommand, diffCommand, merge3Command, importCommand, exportCommand,
	fieldsCommand, sampleCommand,
}

// env is what a command has of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	toPerson       bool  // standard output is for a person: a terminal, and no --json
	errorsToPerson bool  // standard error likewise
	color          bool  // where a person reads
	err            error // the first failure to write
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	e.toPerson, e.errorsToPerson = isTerminal(stdout), isTerminal(stderr)
	// https://no-color.org: any value but the empty one.
	e.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	status := e.dispatch(args)
	if e.err != nil {
		return e.trouble("", e.err.Error())
	}
	return status
}

// isTerminal reports whether w is a character device, which on a person's machine is a terminal.
func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (e *env) dispatch(args []string) int {
	first := ""
	if len(args) > 0 {
		first = args[0]
	}
	switch {
	case first == "":
		return e.misused("", "a command is needed")
	case first == "--version" || first == "-version" || first == "version":
		e.print(version())
		return exitOK
	case first == "help" && len(args) > 1 && slices.Contains([]string{"completion", "version"}, args[1]),
		first == "completion" && len(args) > 1 && isHelp(args[1]):
		e.print(programHelp())
		return exitOK
	case first == "completion":
		return e.completion(args[1:])
	case first != "help" && !isHelp(first):
		return e.command(first, args[1:], false)
	case len(args) == 1:
		e.print(programHelp())
		return exitOK
	}
	return e.command(args[1], args[2:], true)
}

func isHelp(arg string) bool { return slices.Contains([]string{"-h", "-help", "--help"}, arg) }

// command runs a command, or only prints its help.
func (e *env) command(name string, args []string, help bool) int {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		kind := "command"
		if strings.HasPrefix(name, "-") {
			kind = "flag before the command"
		}
		return e.misused("", fmt.Sprintf("there is no %s %s", kind, name))
	}
	c := commands[i]
	flags, start := c.flags(e)
	operands, err := parse(flags, args)
	switch {
	case help || errors.Is(err, flag.ErrHelp):
		e.print(commandHelp(c, flags))
		return exitOK
	case err != nil:
		return e.misused(c.name, err.Error())
	case len(operands) < c.least || len(operands) > c.most:
		return e.misused(c.name, "the operands must be: "+cmp.Or(c.args, "none"))
	case count(operands, "-") > 1:
		return e.misused(c.name, "standard input can stand for one file only")
	}
	return start(e, operands)
}

// flags returns the command's flags, and what runs it once they are parsed.
func (c *command) flags(e *env) (*flag.FlagSet, func(*env, []string) int) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolFunc("json", "print JSON on a terminal, too", func(string) error {
		e.toPerson, e.errorsToPerson = false, false
		return nil
	})
	return flags, c.setup(flags)
}

// parse reads flags before, between and after the operands, until a "--".
func parse(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		rest := flags.Args()
		ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if len(rest) == 0 || ended {
			return append(operands, rest...), nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

func count(list []string, s string) (n int) {
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

// print writes to standard output.
func (e *env) print(text string) { e.write(e.stdout, []byte(text)) }

func (e *env) write(w io.Writer, text []byte) {
	if _, err := w.Write(text); err != nil && e.err == nil {
		e.err = err
	}
}

// printJSON writes one JSON document to standard output, indented.
func (e *env) printJSON(document []byte) {
	var out bytes.Buffer
	// It cannot fail: the document is one that the library wrote or took.
	_ = json.Indent(&out, document, "", "  ")
	out.WriteByte('\n')
	e.write(e.stdout, out.Bytes())
}

// note writes a JSON object of one member to standard error: what else there is to say of a result.
func (e *env) note(key string, value any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// It cannot fail: the values are ours, or JSON that the library wrote.
	_ = encoder.Encode(map[string]any{key: value})
	e.write(e.stderr, out.Bytes())
}

// trouble says in one line why the program cannot do its work.
func (e *env) trouble(command, text string) int {
	fmt.Fprintf(e.stderr, "%s: %s\n", strings.TrimSpace("contact "+command), text)
	return exitTrouble
}

// misused is trouble with a hint at the help.
func (e *env) misused(command, text string) int {
	name := strings.TrimSpace("contact " + command)
	return e.trouble(command, text+"\nSee "+name+" --help.")
}

// A color is the number of an ANSI colour.
type color int

const (
	bold  color = 1
	red   color = 31
	green color = 32
)

// paint returns a text in a colour, for a person.
func (e *env) paint(c color, text string) string {
	if !e.color {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[m", c, text)
}

// report is the one line that says whether a file is valid.
func (e *env) report(name string, errs contact.Errors) {
	switch quoted, _ := json.Marshal(name); { // it cannot fail: the name is a string
	case e.toPerson && len(errs) == 0:
		e.print(name + ": " + e.paint(green, "valid") + "\n")
	case e.toPerson:
		e.print(name + ": " + e.paint(red, plural(len(errs), "error")) + "\n")
	case len(errs) == 0:
		e.print(fmt.Sprintf(`{"file":%s,"valid":true}`+"\n", quoted))
	default:
		e.print(fmt.Sprintf(`{"file":%s,"valid":false,"errors":%d}`+"\n", quoted, len(errs)))
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// faults returns what is wrong with a document, from outside or from a store, or nil for an error
// of another kind.
func faults(err error) (errs contact.Errors) {
	var stored *contact.StoreError
	if errors.As(err, &stored) {
		return stored.Errors()
	}
	errors.As(err, &errs)
	return errs
}

// refuse reports a file as invalid on standard output and writes the envelope, with the file's name
// in it, to standard error, a line for each error. An error of another kind is a plain line.
func (e *env) refuse(name string, err error) int {
	errs := faults(err)
	if errs == nil {
		e.write(e.stderr, []byte(name+": "+err.Error()+"\n"))
		return exitInvalid
	}
	e.report(name, errs)
	if e.errorsToPerson {
		for _, one := range errs {
			text := strings.TrimPrefix(contact.Errors{one}.Error(), "contact: ")
			e.write(e.stderr, fmt.Appendf(nil, "  %s: %s\n", e.paint(bold, one.Title()), text))
		}
		return exitInvalid
	}
	quoted, _ := json.Marshal(name)
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"file":%s,"errors":[`, quoted)
	for i, one := range errs {
		if i > 0 {
			out.WriteByte(',')
		}
		text, _ := one.MarshalJSON()
		out.WriteString("\n  ")
		out.Write(text)
	}
	out.WriteString("\n]}\n")
	e.write(e.stderr, out.Bytes())
	return exitInvalid
}

// version names the build: the module's version, or the commit that it was built from.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	name := "(unknown)"
	if info != nil {
		name = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && !strings.HasPrefix(name, "v") {
				name += " " + s.Value
			}
		}
		name += " " + info.GoVersion
	}
	return fmt.Sprintf("contact %s, tzdb %s\n", name, contact.TZDBVersion)
}

func programHelp() string {
	var out strings.Builder
	out.WriteString(`contact validates, merges and compares contacts, one at a time or by the million.

Usage: contact COMMAND [flags] FILE…

Commands:
`)
	for _, c := range commands {
		fmt.Fprintf(&out, "  %-11s %s\n", c.name, c.short)
	}
	fmt.Fprintf(&out, `  completion  print the completions for bash, zsh or fish
  version     print the program's version

A file named - is standard input; one that gzip or zstd has compressed is read
as it is. Results are JSON on standard output, errors the API's envelope on
standard error. When a file is invalid, standard output has a line that names
it. On a terminal both are for people, unless there is --json; NO_COLOR is
heeded.

Exit status: 0 done; 1 an input is invalid, or a merge3 left conflicts; 2 the
command was misused, a file cannot be read or the output cannot be written.

Timezones are the names of tzdb %s. Example:

  contact merge testdata/contact.json testdata/patch.json

See contact COMMAND --help for a command's flags.
`, contact.TZDBVersion)
	return out.String()
}

func commandHelp(c command, flags *flag.FlagSet) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\nUsage: contact %s [flags]", strings.TrimSpace(c.long), c.name)
	if c.args != "" {
		out.WriteString(" " + c.args)
	}
	out.WriteByte('\n')
	title := "\nFlags:\n"
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&out, "%s  %-22s %s\n", title, strings.TrimSpace("--"+f.Name+" "+value), usage)
		title = ""
	})
	return out.String()
}
