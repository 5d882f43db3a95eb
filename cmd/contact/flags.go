package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/partner-contacts/contact"
)

// A quantity is the value of a flag that counts bytes or other things.
type quantity struct {
	to    *int
	bytes bool
	least int
	none  bool // it may be "none", which is written as -1
}

var units = []struct {
	name  string
	shift int
}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"B", 0}, {"", 0}}

// Set reads a number, with a unit if it counts bytes.
func (q quantity) Set(text string) error {
	digits, shift := text, 0
	if q.none && text == "none" {
		*q.to = -1
		return nil
	}
	if q.bytes {
		i := slices.IndexFunc(units, func(u struct {
			name  string
			shift int
		}) bool {
			return strings.HasSuffix(text, u.name)
		})
		digits, shift = strings.TrimSuffix(text, units[i].name), units[i].shift
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && n >= 0 && n <= math.MaxInt>>shift && int(n)<<shift >= q.least {
		*q.to = int(n) << shift
		return nil
	}
	form := "a number"
	if q.bytes {
		form = "a number of bytes, KiB, MiB or GiB, such as 256MiB"
	}
	if q.least > 0 {
		form += ", at least " + quantity{to: &q.least, bytes: q.bytes}.String()
	}
	if q.none {
		form += ", or none"
	}
	return errors.New("it takes " + form)
}

func (q quantity) String() string {
	if q.to == nil {
		return ""
	}
	n := *q.to
	if n < 0 {
		return "none"
	}
	for _, u := range slices.Backward(units[:3]) {
		if q.bytes && n > 0 && n%(1<<u.shift) == 0 {
			return fmt.Sprint(n>>u.shift, u.name)
		}
	}
	return strconv.Itoa(n)
}

func (q quantity) Type() string {
	if q.bytes {
		return "SIZE"
	}
	return "N"
}

// A choice is the value of a flag that takes one of some words. Each is followed by a tab and its
// description.
type choice struct {
	to    *string
	words []string
	kind  string
	open  bool // other words are taken, too
}

func (c choice) names() (names []string) {
	for _, word := range c.words {
		name, _, _ := strings.Cut(word, "\t")
		names = append(names, name)
	}
	return names
}

// Set takes one of the words.
func (c choice) Set(text string) error {
	if !c.open && !slices.Contains(c.names(), text) {
		return errors.New("it takes one of: " + strings.Join(c.names(), ", ") + didYouMean(text, c.names()))
	}
	*c.to = text
	return nil
}

func (c choice) String() string {
	if c.to == nil {
		return ""
	}
	return *c.to
}

func (c choice) Type() string          { return c.kind }
func (c choice) completions() []string { return c.words }

// valueForms say what the types of the flag library take.
var valueForms = map[string]string{"uint64": "a number", "duration": "a duration, such as 1ms or 1s", "bool": "true or false"}

// flagError puts an error of the flag library into the words of this program.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var alone *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		if short := unknown.GetSpecifiedShortnames(); len(short) > 1 {
			return misused("there is no flag -%s%s", name, didYouMean("--"+short, names))
		} else if short != "" {
			return misused("there is no flag -%s", name)
		}
		return misused("there is no flag --%s%s", name, didYouMean("--"+name, names))
	case errors.As(err, &invalid):
		reason := invalid.Unwrap()
		if words, ok := valueForms[invalid.GetFlag().Value.Type()]; ok {
			reason = errors.New("it takes " + words)
		}
		return misused("--%s: %w", invalid.GetFlag().Name, reason)
	case errors.As(err, &alone):
		return misused("--%s needs a value", alone.GetFlag().Name)
	}
	return misuse{err}
}

// didYouMean returns a question that names the nearest words, or "" if none is near.
func didYouMean(text string, words []string) string {
	near := nearest(text, words)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near[:min(3, len(near))], " or ") + "?"
}

// nearest returns the words that are like a text, by the measure that cobra has for commands.
func nearest(text string, words []string) []string {
	if text == "" {
		return nil
	}
	// The name of a command ends at a space.
	const space = "\u2423"
	list := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, word := range words {
		list.AddCommand(&cobra.Command{Use: strings.ReplaceAll(word, " ", space), Run: func(*cobra.Command, []string) {}})
	}
	near := list.SuggestionsFor(strings.ReplaceAll(text, " ", space))
	for i := range near {
		near[i] = strings.ReplaceAll(near[i], space, " ")
	}
	return near
}

// complete tells the shells which values the flags of a command take: words with descriptions,
// files, folders, or nothing that could be listed.
func complete(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		kind, _ := pflag.UnquoteUsage(f)
		switch listed, ok := f.Value.(interface{ completions() []string }); {
		case ok:
			_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(listed.completions(), cobra.ShellCompDirectiveNoFileComp))
		case kind == "FOLDER":
			_ = c.MarkFlagDirname(f.Name)
		case kind != "FILE" && f.Value.Type() != "bool":
			_ = c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	})
}

// optionFlags defines the flags for the options of every command that reads contacts.
func optionFlags(flags *pflag.FlagSet) *contact.Options {
	o := new(contact.Options)
	flags.BoolVar(&o.IgnoreUnknown, "ignore-unknown", false, "skip members that contacts do not have")
	limitFlag(flags, &o.MaxBytes, true, "max-bytes", "1MiB", "refuse a body of more bytes; a stored contact has no limit")
	limitFlag(flags, &o.MaxDepth, false, "max-depth", "64", "refuse more brackets within brackets, 1000 at most")
	limitFlag(flags, &o.MaxErrors, false, "max-errors", "100", "report at most this many errors of a document")
	return o
}

// mergeFlags defines those of a merge.
func mergeFlags(flags *pflag.FlagSet, o *contact.Options) {
	flags.BoolVar(&o.RequireComplete, "complete", false, "the patch must be a whole contact: all required fields, no nulls")
	flags.BoolVar(&o.AllowStale, "allow-stale", false, "take a patch whose updated_at is not the existing one")
	limitFlag(flags, &o.MaxMeta, true, "max-meta", "256KiB", "refuse a meta_public that grows over this")
	limitFlag(flags, &o.MaxDocument, true, "max-document", "2MiB", "refuse a contact that grows over this")
	flags.DurationVar(&o.VersionResolution, "resolution", time.Microsecond, "the `STEP` in which the store keeps updated_at, such as 1ms or 1s")
	flags.DurationVar(&o.TimestampResolution, "timestamp-resolution", 0, "the `STEP` in which the store keeps last_seen_at, such as 1us; 0 keeps all digits")
}

// limitFlag defines a flag for a limit, whose default 0 is the library's.
func limitFlag(flags *pflag.FlagSet, to *int, bytes bool, name, standard, usage string) {
	flags.Var(quantity{to, bytes, 1, true}, name, usage)
	flags.Lookup(name).DefValue = standard
}

// A target is where a command writes: results, and a line for each reject.
type target struct{ output, rejects string }

func targetFlags(flags *pflag.FlagSet) *target {
	t := new(target)
	flags.StringVarP(&t.output, "output", "o", "", "write to `FILE`, compressed if it ends in .gz or .zst (default standard output)")
	flags.StringVarP(&t.rejects, "rejects", "r", "", "write what is refused to `FILE`, with each row or patch as it was; likewise (default standard error)")
	return t
}

// bulkFlags are those of the commands that bring two files together.
type bulkFlags struct {
	*target
	ndjson, sorted bool
	memory         int
	temp           string
}

// bulkOnly are the flags that need --ndjson.
var bulkOnly = []string{"sorted", "memory", "output", "rejects", "temp"}

func newBulkFlags(flags *pflag.FlagSet) *bulkFlags {
	b := &bulkFlags{memory: 256 << 20}
	ndjsonFlag(flags, &b.ndjson)
	flags.BoolVar(&b.sorted, "sorted", false, "both files are sorted by id: bring them together as they come")
	memoryFlag(flags, &b.memory, "use about this much memory, and temporary files beyond it")
	flags.StringVar(&b.temp, "temp", "", "the `FOLDER` for temporary files (default the system's)")
	b.target = targetFlags(flags)
	return b
}

func ndjsonFlag(flags *pflag.FlagSet, to *bool) {
	flags.BoolVar(to, "ndjson", false, "each file has a document on every line")
}

func memoryFlag(flags *pflag.FlagSet, to *int, usage string) {
	flags.Var(quantity{to, true, 64 << 10, false}, "memory", usage)
}

// check returns an error for a flag that is set and needs --ndjson, which is not.
func (b *bulkFlags) check(flags *pflag.FlagSet) error {
	for _, name := range bulkOnly {
		if !b.ndjson && flags.Changed(name) {
			return misused("--%s goes with --ndjson", name)
		}
	}
	return nil
}
