// Command contact validates, merges and compares contacts on the command line, by the engine of package contact.
//
// Results are JSON on standard output; errors are the API's envelope on standard error. The exit status is 0, or 1 if an
// input is invalid or a three-way merge left conflicts, or 2 if the command was not used as it should be, a file cannot
// be read or the output cannot be written. Run contact --help for the commands.
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

var commands = []command{validateCommand, mergeCommand, diffCommand, merge3Command, fieldsCommand, sampleCommand}

// env is what a command has of the world.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	err            error // the first failure to write
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	status := e.dispatch(args)
	if e.err != nil {
		return e.trouble("", e.err.Error())
	}
	return status
}

func (e *env) dispatch(args []string) int {
	help := len(args) > 0 && slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0])
	if help {
		args = args[1:]
	}
	switch {
	case len(args) > 0:
	case help:
		e.print(programHelp())
		return exitOK
	default:
		return e.misused("", "a command is needed")
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		start := c.setup(flags)
		operands, err := parse(flags, args[1:])
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
	return e.misused("", "there is no such command")
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
	// It cannot fail: the document is one that the library wrote.
	_ = json.Indent(&out, document, "", "  ")
	out.WriteByte('\n')
	e.write(e.stdout, out.Bytes())
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

// read returns a file's bytes, or those of standard input for "-": one more than the limit at most, which is enough for
// the library to refuse them.
func (e *env) read(name string, limit int) ([]byte, error) {
	file, _, err := e.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, int64(limit)+1))
}

// open returns a file and its size, or -1 where that cannot be known.
func (e *env) open(name string) (io.ReadCloser, int64, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, 0, err
		}
		return file, size(file), nil
	}
	if file, ok := e.stdin.(*os.File); ok {
		return io.NopCloser(file), size(file), nil
	}
	return io.NopCloser(e.stdin), -1, nil
}

func size(file *os.File) int64 {
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return -1
}

// report is the one line that says whether a file is valid.
func (e *env) report(name string, errs contact.Errors) {
	quoted, _ := json.Marshal(name) // it cannot fail: the name is a string
	if len(errs) == 0 {
		e.print(fmt.Sprintf(`{"file":%s,"valid":true}`+"\n", quoted))
		return
	}
	e.print(fmt.Sprintf(`{"file":%s,"valid":false,"errors":%d}`+"\n", quoted, len(errs)))
}

// faults returns what is wrong with a document, from outside or from a store, or nil for an error of another kind.
func faults(err error) (errs contact.Errors) {
	var stored *contact.StoreError
	if errors.As(err, &stored) {
		return stored.Errors()
	}
	errors.As(err, &errs)
	return errs
}

// refuse reports a file as invalid on standard output and writes the envelope to standard error, a line for each error.
// An error of another kind is a plain line.
func (e *env) refuse(name string, err error) int {
	errs := faults(err)
	if errs == nil {
		e.write(e.stderr, []byte(err.Error()+"\n"))
		return exitInvalid
	}
	e.report(name, errs)
	var out bytes.Buffer
	out.WriteString(`{"errors":[`)
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

func programHelp() string {
	var out strings.Builder
	out.WriteString(`contact validates, merges and compares contacts.

Usage: contact COMMAND [flags] FILE…

Commands:
`)
	for _, c := range commands {
		fmt.Fprintf(&out, "  %-9s %s\n", c.name, c.short)
	}
	fmt.Fprintf(&out, `
A file named - is standard input. Results are JSON on standard output, errors
the API's envelope on standard error. When a file is invalid, standard output
has a line that names it.

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
