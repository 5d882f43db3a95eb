// Command contact validates, merges and compares contacts on the command line, by the engine of
// package contact: one at a time, or files of millions.
//
// Results are JSON on standard output; errors are the API's envelope on standard error, a text for
// people where that is a terminal. The exit status is 0, or 1 if an input is invalid or a three-way
// merge left conflicts, or 2 if the command was misused, a file cannot be read or the output cannot
// be written. Run contact --help for the commands.
package main

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/partner-contacts/contact"
)

// The exit statuses.
const (
	exitOK      = 0
	exitInvalid = 1
	exitTrouble = 2
	exitPipe    = 128 + 13 // as a shell reports a program that SIGPIPE has ended
)

// errInvalid ends a command whose report says already that an input is invalid.
var errInvalid = errors.New("an input is invalid")

// A misuse is an error in how the program was called.
type misuse struct{ error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// A command is one of the program's verbs.
type command struct {
	use, short string // use names the operands; "…" after the last means one or more

	// setup defines the command's flags and returns the function that runs it after they are read.
	setup func(*env, *pflag.FlagSet) func([]string) error
}

var commands = []command{
	validateCommand, mergeCommand, diffCommand, merge3Command, importCommand, exportCommand,
	fieldsCommand, sampleCommand,
}

// env holds the streams of a run and how to write to them.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	json           bool // for programs, on a terminal too
	compact        bool // JSON on one line, on a terminal too
	ran            bool // the command line was read without an error
	err            error
	color          bool
}

func main() {
	catchSignals()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	// https://no-color.org: any value but the empty one.
	e.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	root := e.root()
	root.SetArgs(args)
	at, err := root.ExecuteC()
	if e.err != nil {
		err = e.err
	}
	var wrong misuse
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = fileError(path.Path, err)
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInvalid):
		return exitInvalid
	case errors.Is(err, syscall.EPIPE):
		return exitPipe
	case !e.ran || errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%s: %s\nSee %[1]s --help.\n", at.CommandPath(), strings.TrimSpace(err.Error()))
	default:
		fmt.Fprintf(stderr, "%s: %s\n", at.CommandPath(), err)
	}
	return exitTrouble
}

// isTerminal returns the width of a terminal in columns, or false for a stream that is none.
func isTerminal(w any) (width int, ok bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, _ = term.GetSize(int(file.Fd()))
	return width, true
}

// toPerson reports whether a person reads a stream.
func (e *env) toPerson(w io.Writer) bool {
	_, ok := isTerminal(w)
	return ok && !e.json
}

// manual holds the help of the program and of each command, and the examples.
//
//go:embed help
var manual embed.FS

func helpFor(name string) (long, examples string) {
	text, _ := manual.ReadFile("help/" + name + ".txt") // TestHelp finds one that is not there
	long, examples, _ = strings.Cut(strings.ReplaceAll(string(text), "TZDB", contact.TZDBVersion), "\n\nExamples:\n")
	return long, strings.TrimSuffix(examples, "\n")
}

// root builds the command line of the program.
func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:     "contact",
		Short:   "Validate, merge and compare contacts",
		Version: version(), SilenceErrors: true, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error { return errors.New("a command is needed") },
	}
	root.Long, root.Example = helpFor("contact")
	root.SetVersionTemplate("contact {{.Version}}\n")
	root.SetIn(e.stdin)
	root.SetOut(watched{e})
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().BoolVar(&e.json, "json", false, "write for programs on a terminal, too")
	root.PersistentFlags().BoolVarP(&e.compact, "compact", "c", false, "write JSON on one line on a terminal, too")
	for _, c := range append(commands, manCommand(root)) {
		verb := &cobra.Command{Use: c.use, Short: c.short}
		verb.Long, verb.Example = helpFor(verb.Name())
		start := c.setup(e, verb.Flags())
		_, names, _ := strings.Cut(c.use, " ")
		verb.Args = func(_ *cobra.Command, operands []string) error {
			n := len(operands) - len(strings.Fields(names))
			if n < 0 || n > 0 && !strings.HasSuffix(names, "…") {
				return misused("the operands must be: %s", cmp.Or(names, "none"))
			}
			return nil
		}
		verb.RunE = func(_ *cobra.Command, operands []string) error {
			e.ran = true
			return start(operands)
		}
		if names == "" {
			verb.ValidArgsFunction = cobra.NoFileCompletions
		}
		complete(verb)
		root.AddCommand(verb)
	}
	root.InitDefaultCompletionCmd()
	completion, _, _ := root.Find([]string{"completion"}) // it is there now
	completion.Args = cobra.ArbitraryArgs
	completion.Example = "  contact completion fish >~/.config/fish/completions/contact.fish"
	completion.RunE = func(c *cobra.Command, shells []string) error {
		if len(shells) > 0 {
			return misused("there is no completion for %s", shells[0])
		}
		return c.Help()
	}
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"}) // it is there now
	help.Args = func(_ *cobra.Command, words []string) error {
		_, _, err := root.Find(words)
		return err
	}
	return root
}

// manCommand writes the manual pages of the program.
func manCommand(root *cobra.Command) command {
	return command{
		use:   "man FOLDER",
		short: "Write the manual pages",
		setup: func(*env, *pflag.FlagSet) func([]string) error {
			return func(folders []string) error {
				root.DisableAutoGenTag = true
				header := doc.GenManHeader{Title: "CONTACT", Section: "1", Source: "contact", Date: new(time.Time)}
				return fileError(folders[0], doc.GenManTree(root, &header, folders[0]))
			}
		},
	}
}

// watched is standard output for a library that drops the errors of writing.
type watched struct{ *env }

func (w watched) Write(text []byte) (int, error) {
	w.write(w.stdout, text)
	return len(text), nil
}

// write writes, and keeps the first error for the exit status.
func (e *env) write(w io.Writer, text []byte) {
	if _, err := w.Write(text); err != nil && e.err == nil {
		e.err = err
	}
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
	return name + ", tzdb " + contact.TZDBVersion
}
