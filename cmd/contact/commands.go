package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
)

// ruleFlags defines the flags for the rules that every command that reads contacts has.
func ruleFlags(flags *flag.FlagSet) *contact.Options {
	r := new(contact.Options)
	flags.BoolVar(&r.IgnoreUnknown, "ignore-unknown", false, "skip members that contacts do not have")
	flags.IntVar(&r.MaxBytes, "max-bytes", 1<<20, "refuse a document of more than `N` bytes; -1: no limit")
	flags.IntVar(&r.MaxDepth, "max-depth", 64, "refuse more than `N` brackets within brackets; -1: 1,000")
	flags.IntVar(&r.MaxErrors, "max-errors", 100, "report at most `N` errors of a document; -1: all")
	return r
}

// maxBytes is the limit that the library will enforce, or a little under its 2 GiB, so that a reader can add to it on 32
// bits too.
func maxBytes(r *contact.Options) int {
	const most = math.MaxInt32 - 16
	switch {
	case r.MaxBytes < 0 || r.MaxBytes > most:
		return most
	case r.MaxBytes == 0:
		return 1 << 20
	}
	return r.MaxBytes
}

// stored reads a contact as a service reads it from its store.
func (e *env) stored(name string, r *contact.Options) (c *contact.Contact, status int) {
	body, err := e.read(name, maxBytes(r))
	if err != nil {
		return nil, e.trouble("", err.Error())
	}
	if c, err = r.ParseStored(body); err != nil {
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
is printed as {"line":N,"errors":[…]} in the order of the input; blank lines are
skipped, but counted in N. A bad line never stops the rest. The last line on
standard error is a summary with the number of errors by rule. All cores work,
and the memory does not grow with the file.`,
	least: 1,
	most:  math.MaxInt,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		r := ruleFlags(flags)
		flags.BoolVar(&r.Complete, "complete", false, "each must be a whole contact: the 16 required fields, no nulls")
		asStored := flags.Bool("stored", false, "judge as a contact from a store: timezones are not looked up, null is absent")
		ndjson := flags.Bool("ndjson", false, "the file has a document on every line")
		return func(e *env, files []string) int {
			switch {
			case *asStored && r.Complete:
				return e.misused("validate", "--complete and --stored exclude each other")
			case *ndjson && len(files) > 1:
				return e.misused("validate", "--ndjson takes one file")
			}
			check := r.CheckPatch
			if *asStored {
				check = r.CheckStored
			}
			if *ndjson {
				return e.validateLines(files[0], maxBytes(r), check)
			}
			status := exitOK
			for _, name := range files {
				body, err := e.read(name, maxBytes(r))
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
	short: "apply a patch to a contact",
	long: `
Apply the patch (a JSON merge patch, RFC 7396) to the existing contact and print
{"contact":{…},"changed":[…]}: the contact after the update and the names of the
fields that differ, updated_at among them if there is any.`,
	least: 2,
	most:  2,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		r := ruleFlags(flags)
		flags.BoolVar(&r.Complete, "complete", false, "the patch must be a whole contact: the 16 required fields, no nulls")
		flags.BoolVar(&r.AllowStale, "allow-stale", false, "take a patch whose updated_at is not the existing one")
		flags.IntVar(&r.MaxMeta, "max-meta", 256<<10, "refuse a meta_public that grows over `N` bytes; -1: no limit")
		now := flags.String("now", "", "the `TIME` of the update, RFC 3339; the clock's if it is left out")
		return func(e *env, files []string) int {
			at := time.Now()
			if *now != "" {
				var err error
				if at, err = contact.ParseTimestamp(*now); err != nil {
					return e.misused("merge", "--now needs an RFC 3339 timestamp, such as 2024-01-02T03:04:05Z")
				}
			}
			existing, status := e.stored(files[0], r)
			if status != exitOK {
				return status
			}
			body, err := e.read(files[1], maxBytes(r))
			if err != nil {
				return e.trouble("merge", err.Error())
			}
			patch, err := r.ParsePatch(body)
			if err != nil {
				return e.refuse(files[1], err)
			}
			merged, changed, err := r.Merge(existing, patch, at)
			if err != nil {
				return e.refuse(files[1], err)
			}
			names := []string{}
			for f := range changed.All() {
				names = append(names, f.String())
			}
			e.printJSON(object("contact", merged, "changed", names))
			return exitOK
		}
	},
}

var diffCommand = command{
	name:  "diff",
	args:  "OLD NEW",
	short: "print the patch that turns one contact into another",
	long: `
Print the smallest patch that turns the old contact into the new one, {} if there
is nothing to change. updated_at is left out. Contacts with different identities
(id, team_id, inserted_at) are an error, and so is a member of the new
meta_public that is null, which a merge patch cannot say.`,
	least: 2,
	most:  2,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		r := ruleFlags(flags)
		return func(e *env, files []string) int {
			var sides [2]*contact.Contact
			for i, name := range files {
				var status int
				if sides[i], status = e.stored(name, r); status != exitOK {
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
Merge two contacts that came from the same one and print
{"contact":{…},"conflicts":[…]}. What only one side changed is taken from it.
Where both sides changed the same place differently, theirs is kept and the
conflict listed: its pointer and the values of base, ours and theirs, without
those that are absent. The exit status is 1 if there are conflicts.`,
	least: 3,
	most:  3,
	setup: func(flags *flag.FlagSet) func(*env, []string) int {
		r := ruleFlags(flags)
		return func(e *env, files []string) int {
			var sides [3]*contact.Contact
			for i, name := range files {
				var status int
				if sides[i], status = e.stored(name, r); status != exitOK {
					return status
				}
			}
			merged, conflicts, err := contact.Merge3(sides[0], sides[1], sides[2])
			if err != nil {
				return e.refuse(files[1], err)
			}
			type conflict struct {
				Pointer string          `json:"pointer"`
				Base    json.RawMessage `json:"base,omitempty"`
				Ours    json.RawMessage `json:"ours,omitempty"`
				Theirs  json.RawMessage `json:"theirs,omitempty"`
			}
			list := []conflict{}
			for _, c := range conflicts {
				list = append(list, conflict{c.Pointer, json.RawMessage(c.Base), json.RawMessage(c.Ours), json.RawMessage(c.Theirs)})
			}
			e.printJSON(object("contact", merged, "conflicts", list))
			if len(conflicts) > 0 {
				return exitInvalid
			}
			return exitOK
		}
	},
}

// object returns a JSON object of a contact and one more member.
func object(key string, c *contact.Contact, other string, value any) []byte {
	dst := c.AppendJSON([]byte(`{"` + key + `":`))
	out := bytes.NewBuffer(append(dst, `,"`+other+`":`...))
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // it cannot fail: the values are ours, or JSON that the library wrote
	out.WriteByte('}')
	return out.Bytes()
}

var fieldsCommand = command{
	name:  "fields",
	short: "print the table of the fields",
	long: `
Print the 35 fields of a contact in their order: name, kind, whether every
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
			for f := range contact.FieldCompletedObjectiveKeys + 1 {
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
