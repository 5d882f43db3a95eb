package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
	"time"

	defaults "github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact"
)

// optionFlags defines the flags for the options that every command that reads contacts has.
func optionFlags(flags *flag.FlagSet) *contact.Options {
	o := new(contact.Options)
	flags.BoolVar(&o.IgnoreUnknown, "ignore-unknown", false, "skip members that contacts do not have")
	flags.IntVar(&o.MaxBytes, "max-bytes", 0,
		"refuse a body of more than `N` bytes; -1: no limit; 0: 1 MiB; a stored contact has none")
	flags.IntVar(&o.MaxDepth, "max-depth", 64, "refuse more than `N` brackets within brackets; -1: 1,000")
	flags.IntVar(&o.MaxErrors, "max-errors", 100, "report at most `N` errors of a document; -1: all")
	return o
}

// mergeFlags defines those that a merge has besides.
func mergeFlags(flags *flag.FlagSet, o *contact.Options) {
	flags.BoolVar(&o.RequireComplete, "complete", false, "the patch must be a whole contact: all required fields, no nulls")
	flags.BoolVar(&o.AllowStale, "allow-stale", false, "take a patch whose updated_at is not the existing one")
	flags.IntVar(&o.MaxMeta, "max-meta", 256<<10, "refuse a meta_public that grows over `N` bytes; -1: no limit")
	flags.IntVar(&o.MaxDocument, "max-document", defaults.MaxDocument,
		"refuse a contact that grows over `N` bytes; -1: no limit")
	flags.DurationVar(&o.VersionResolution, "resolution", time.Microsecond,
		"the `STEP` in which the store keeps updated_at, such as 1ms or 1s")
}

// most is the longest document: a little under the library's 2 GiB, so that a reader can add to it
// on 32 bits too.
const most = math.MaxInt32 - 16

// limits return how long a body and a stored contact may be.
func limits(o *contact.Options) (body, stored int) {
	switch {
	case o.MaxBytes < 0 || o.MaxBytes > most:
		return most, most
	case o.MaxBytes == 0:
		return defaults.MaxBytes, most
	}
	return o.MaxBytes, most
}

// stored reads a contact as a service reads it from its store.
func (e *env) stored(name string, o *contact.Options) (c *contact.Contact, status int) {
	_, limit := limits(o)
	body, err := e.read(name, limit)
	if err != nil {
		return nil, e.trouble("", err.Error())
	}
	if c, err = o.ParseStored(body); err != nil {
		return nil, e.refuse(name, err)
	}
	return c, exitOK
}

var validateCommand = command{
	name:  "validate",
	args:  "FILE…",
	short: "check patches or contacts",
	long: `
Check each file and print a line that says whether it is valid. A file is judged
as a patch, the body of an update: any of the fields, null to clear an optional
one. A valid contact is a valid patch, too.

With --ndjson the one file holds a document on every line. Each line with errors
is printed as {"line":N,"id":…,"errors":[…]} in the order of the input, without
the id if it cannot be read; blank lines are skipped, but counted in N. A bad
line never stops the rest. The last line on standard error is a summary with the
number of errors by rule. All cores work, and the memory does not grow with the
file.`,
	least: 1,
	most:  math.MaxInt,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		o := optionFlags(flags)
		flags.BoolVar(&o.RequireComplete, "complete", false, "each must be a whole contact: all required fields, no nulls")
		asStored := flags.Bool("stored", false, "judge as a contact from a store: timezones are not looked up, null is absent")
		ndjson := flags.Bool("ndjson", false, "the file has a document on every line")
		return func(e *env, files []string) int {
			switch {
			case *asStored && o.RequireComplete:
				return e.misused("validate", "--complete and --stored exclude each other")
			case *ndjson && len(files) > 1:
				return e.misused("validate", "--ndjson takes one file")
			}
			check, limit := o.CheckPatch, 0
			if limit, _ = limits(o); *asStored {
				check = checkStored(o)
				_, limit = limits(o)
			}
			if *ndjson {
				return e.validateLines(files[0], limit, check)
			}
			status := exitOK
			for _, name := range files {
				body, err := e.read(name, limit)
				switch {
				case err != nil:
					status = max(status, e.trouble("validate", err.Error()))
				default:
					if err := check(body); err != nil {
						status = max(status, e.refuse(name, err))
					} else {
						e.report(name, nil)
					}
				}
			}
			return status
		}
	},
}

var mergeCommand = command{
	name:  "merge",
	args:  "EXISTING PATCH",
	short: "apply a patch to a contact, or a file of patches to a file of contacts",
	long: `
Apply the patch (a JSON merge patch, RFC 7396) to the existing contact and print
the contact after the update, which merge takes again. Standard error has
{"changed":[…]}: the names of the fields that differ, updated_at among them if
there is any. What the patch does not name is not judged and stays as it is.

With --ndjson both files have a document on every line. Each patch names its
contact by "id"; those of one contact apply in their order, and where more than
one line of EXISTING has the id, to each. The contacts are printed in their
order, changed or not. What is refused is a line of the rejects, which are
standard error or a file: {"line":N,"id":…,"errors":[…]} with the line of the
patch, in that order, then {"contact":N,…} for each contact whose id cannot be
read, which is printed as it is. The last line on standard error is a summary.
The files may have any size and order.`,
	least: 2,
	most:  2,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		o := optionFlags(flags)
		mergeFlags(flags, o)
		now := flags.String("now", "", "the `TIME` of the update, RFC 3339; the clock's if it is left out")
		bulk := newBulkFlags(flags)
		return func(e *env, files []string) int {
			at := time.Now()
			if *now != "" {
				var err error
				if at, err = contact.ParseTimestamp(*now); err != nil {
					return e.misused("merge", "--now needs an RFC 3339 timestamp, such as 2024-01-02T03:04:05Z")
				}
			}
			if o.VersionResolution < 0 || o.VersionResolution != 0 && time.Second%o.VersionResolution != 0 {
				return e.misused("merge", "--resolution has to divide a second, as 1ms does")
			}
			bodyLimit, storedLimit := limits(o)
			if *bulk.ndjson {
				j := &join{
					env: e, command: "merge", contacts: files[0], patches: files[1],
					maxPatch: min(bodyLimit, maxLine),
					check:    [...]func([]byte) error{o.CheckPatch, checkStored(o)},
				}
				return j.run(bulk, &merging{*o, at})
			}
			if flag := bulk.first(flags); flag != "" {
				return e.misused("merge", "--"+flag+" goes with --ndjson")
			}
			document, err := e.read(files[0], storedLimit)
			if err != nil {
				return e.trouble("merge", err.Error())
			}
			body, err := e.read(files[1], bodyLimit)
			if err != nil {
				return e.trouble("merge", err.Error())
			}
			merged, changed, err := o.AppendMerge(nil, document, body, at)
			var stored *contact.StoreError
			switch {
			case errors.As(err, &stored):
				return e.refuse(files[0], err)
			case err != nil:
				return e.refuse(files[1], err)
			}
			names := []string{}
			for f := range changed.All() {
				names = append(names, f.String())
			}
			e.printJSON(merged)
			e.note("changed", names)
			return exitOK
		}
	},
}

var diffCommand = command{
	name:  "diff",
	args:  "OLD NEW",
	short: "print the patch that turns one contact into another, or those for files of contacts",
	long: `
Print the smallest patch that turns the old contact into the new one, {} if there
is nothing to change. updated_at is left out. Contacts with different identities
(id, team_id, inserted_at) are an error, and so is a member of the new
meta_public that is null, which a merge patch cannot say.

With --ndjson both files have a contact on every line. Each that differs gets a
patch with its id, in the order of OLD: what merge --ndjson makes NEW of again,
but for updated_at and members that contacts do not have. A new contact without
an old one is a line of the rejects, {"line":N,"id":…,"errors":[…]}, and so is an
old one without a new one, {"contact":N,…}: patches neither create nor delete.`,
	least: 2,
	most:  2,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		o := optionFlags(flags)
		bulk := newBulkFlags(flags)
		return func(e *env, files []string) int {
			if *bulk.ndjson {
				_, limit := limits(o)
				j := &join{
					env: e, command: "diff", contacts: files[0], patches: files[1],
					maxPatch: min(limit, maxLine),
					check:    [...]func([]byte) error{checkStored(o), checkStored(o)},
				}
				return j.run(bulk, &differing{*o})
			}
			if flag := bulk.first(flags); flag != "" {
				return e.misused("diff", "--"+flag+" goes with --ndjson")
			}
			var sides [2]*contact.Contact
			for i, name := range files {
				var status int
				if sides[i], status = e.stored(name, o); status != exitOK {
					return status
				}
			}
			patch, err := contact.Diff(sides[0], sides[1])
			if err != nil {
				return e.refuse(files[1], err)
			}
			e.printJSON(patch.AppendJSON(nil))
			return exitOK
		}
	},
}

var merge3Command = command{
	name:  "merge3",
	args:  "BASE OURS THEIRS",
	short: "bring two changes of one contact together",
	long: `
Merge two contacts that came from the same one and print the result. What only
one side changed is taken from it. Where both sides changed the same place
differently, theirs is kept and the conflict listed in {"conflicts":[…]} on
standard error: its pointer and the values of base, ours and theirs, without
those that are absent. The exit status is 1 if there are conflicts.`,
	least: 3,
	most:  3,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		o := optionFlags(flags)
		return func(e *env, files []string) int {
			var sides [3]*contact.Contact
			for i, name := range files {
				var status int
				if sides[i], status = e.stored(name, o); status != exitOK {
					return status
				}
			}
			merged, conflicts, err := contact.Merge3(sides[0], sides[1], sides[2], nil)
			if err != nil {
				other := 1 // whose identity is not that of base
				if _, _, err := contact.Merge3(sides[0], sides[1], sides[0], nil); err == nil {
					other = 2
				}
				return e.refuse(files[other], err)
			}
			type conflict struct {
				Pointer          string          `json:"pointer"`
				PointerTruncated bool            `json:"pointer_truncated,omitempty"`
				Base             json.RawMessage `json:"base,omitempty"`
				Ours             json.RawMessage `json:"ours,omitempty"`
				Theirs           json.RawMessage `json:"theirs,omitempty"`
			}
			list := []conflict{}
			for _, c := range conflicts {
				list = append(list, conflict{c.Pointer, c.PointerTruncated,
					json.RawMessage(c.Base), json.RawMessage(c.Ours), json.RawMessage(c.Theirs)})
			}
			e.printJSON(merged.AppendJSON(nil))
			e.note("conflicts", list)
			if len(conflicts) > 0 {
				return exitInvalid
			}
			return exitOK
		}
	},
}

var fieldsCommand = command{
	name:  "fields",
	short: "print the table of the fields",
	long: `
Print the fields of a contact in their order: name, kind, whether every
contact has it, whether it is a consent, and what an update may do to it:
  identity   only repeat it
  version    send it to say which version was seen
  set        give it a value
  clear      give it a value, or null to clear it
  merge      merge it member by member (RFC 7396)
  replace    replace it as a whole`,
	setup: func(*flag.FlagSet) func(*env, []string) int {
		return func(e *env, _ []string) int {
			var out strings.Builder
			// Padding keeps the columns straight for people; to programs it is one array.
			for f := range contact.AllFields.All() {
				lead := ",\n "
				if f == 0 {
					lead = "[\n "
				}
				fmt.Fprintf(&out, `%s {"name": %-27s "kind": %-12s "required": %-6s "consent": %-6s "update": %q}`, lead,
					fmt.Sprintf("%q,", f), fmt.Sprintf("%q,", f.Kind().String()), fmt.Sprintf("%t,", contact.RequiredFields.Has(f)),
					fmt.Sprintf("%t,", contact.ConsentFields.Has(f)), update(f))
			}
			e.print(out.String() + "\n]\n")
			return exitOK
		}
	},
}

// update names what an update may do to a field.
func update(f contact.Field) string {
	switch {
	case contact.IdentityFields.Has(f):
		return "identity"
	case !contact.WritableFields.Has(f):
		return "version"
	case !contact.RequiredFields.Has(f):
		return "clear"
	case f.Kind() == contact.KindObject:
		return "merge"
	case f.Kind() == contact.KindIDs || f.Kind() == contact.KindStrings:
		return "replace"
	}
	return "set"
}

// checkStored returns the function that gives the error of ParseStored by these options.
func checkStored(o *contact.Options) func([]byte) error {
	return func(document []byte) error {
		_, err := o.ParseStored(document)
		return err
	}
}
