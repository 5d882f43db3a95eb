package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/limits"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// most is the longest document: a little under the library's 2 GiB, so that a reader can add to it
// on 32 bits too.
const most = math.MaxInt32 - 16

// bodyLimit returns how long a body may be.
func bodyLimit(o *contact.Options) int {
	switch {
	case o.MaxBytes < 0 || o.MaxBytes > most:
		return most
	case o.MaxBytes == 0:
		return limits.MaxBytes
	}
	return o.MaxBytes
}

// checkStored judges a document as one from a store.
func checkStored(o *contact.Options) func([]byte) error {
	return func(document []byte) error {
		_, err := o.ParseStored(document)
		return err
	}
}

// stored reads contacts as a service reads them from its store.
func (e *env) stored(names []string, o *contact.Options) (contacts []*contact.Contact, err error) {
	if err := e.distinct(new(target), "", names...); err != nil {
		return nil, err
	}
	for _, name := range names {
		body, err := e.read(name, most)
		if err != nil {
			return nil, err
		}
		c, err := o.ParseStored(body)
		if err != nil {
			return nil, e.refuse(name, body, err)
		}
		contacts = append(contacts, c)
	}
	return contacts, nil
}

var validateCommand = command{
	use:   "validate FILE…",
	short: "Check patches or contacts",
	long: `
Check each file and print a line that says whether it is valid. A file is judged
as a patch, the body of an update: any of the fields, null to clear an optional
one. A valid contact is a valid patch, too. On a terminal each error has the line
of the file, with a caret under the place.

With --ndjson the one file holds a document on every line. Each line with errors
is printed as {"line":N,"id":…,"errors":[…]} in the order of the input, without
the id if it cannot be read; blank lines are skipped, but counted in N. A bad
line never stops the rest. The last line on standard error is a summary with the
number of errors by rule. All cores work, and the memory does not grow with the
file.`,
	example: "  contact validate testdata/patch.json\n  contact validate --ndjson contacts.ndjson.gz >faults.ndjson",
	least:   1,
	most:    -1,
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		var asStored, byLine bool
		o := optionFlags(flags)
		flags.BoolVar(&o.RequireComplete, "complete", false, "each must be a whole contact: all required fields, no nulls")
		flags.BoolVar(&asStored, "stored", false, "judge as a contact from a store: timezones are not looked up, null is absent")
		ndjsonFlag(flags, &byLine)
		return func(files []string) error {
			switch {
			case asStored && o.RequireComplete:
				return misused("--complete and --stored exclude each other")
			case byLine && len(files) > 1:
				return misused("--ndjson takes one file")
			}
			if err := e.distinct(new(target), "", files...); err != nil {
				return err
			}
			check, limit := o.CheckPatch, bodyLimit(o)
			if asStored {
				check, limit = checkStored(o), most
				if byLine {
					limit = ndjson.MaxLine
				}
			}
			if byLine {
				return e.validateLines(files[0], limit, check)
			}
			var failed error
			for _, name := range files {
				body, err := e.read(name, limit)
				if err == nil {
					if err = check(body); err != nil {
						err = e.refuse(name, body, err)
					} else {
						e.report(name, nil)
					}
				}
				switch {
				case err == nil || failed != nil && errors.Is(err, errInvalid):
				case failed != nil && !errors.Is(failed, errInvalid): // the others are said at the end
					failed = fmt.Errorf("%w\n%w", failed, err)
				default:
					failed = err
				}
			}
			return failed
		}
	},
}

var mergeCommand = command{
	use:   "merge EXISTING PATCH",
	short: "Apply a patch to a contact, or a file of patches to a file of contacts",
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
read, which is printed as it is. A file of rejects also has each line itself, as
"document", or as "text" if it is no JSON: jq -c .document makes patches of it
again, to correct and to send. The last line on standard error is a summary. The
files may have any size and order, and --output may name EXISTING.`,
	example: `  contact merge testdata/contact.json testdata/patch.json
  contact merge --ndjson -r refused.ndjson -o new.ndjson contacts.ndjson patches.ndjson`,
	least: 2,
	most:  2,
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		now := time.Now()
		o := optionFlags(flags)
		mergeFlags(flags, o)
		flags.Var(instant{&now}, "now", "the time of the update, RFC 3339 (default the clock's)")
		bulk := newBulkFlags(flags)
		return func(files []string) error {
			if !dividesSecond(o.VersionResolution) || !dividesSecond(o.TimestampResolution) {
				return misused("--resolution has to divide a second, as 1ms does")
			}
			if err := bulk.check(flags); err != nil {
				return err
			}
			if bulk.ndjson {
				j := &join{
					env: e, verb: "merge", contacts: files[0], patches: files[1],
					maxPatch: min(bodyLimit(o), ndjson.MaxLine),
					check:    [...]func([]byte) error{o.CheckPatch, checkStored(o)},
				}
				return j.run(bulk, &merging{*o, now})
			}
			if err := e.distinct(new(target), "", files...); err != nil {
				return err
			}
			document, err := e.read(files[0], most)
			if err != nil {
				return err
			}
			body, err := e.read(files[1], bodyLimit(o))
			if err != nil {
				return err
			}
			merged, changed, err := o.AppendMerge(nil, document, body, now)
			switch {
			case errors.As(err, new(*contact.StoreError)):
				return e.refuse(files[0], document, err)
			case err != nil:
				return e.refuse(files[1], body, err)
			}
			names := []string{}
			for f := range changed.All() {
				names = append(names, f.String())
			}
			e.printJSON(merged)
			e.note("changed", names)
			return nil
		}
	},
}

var diffCommand = command{
	use:   "diff OLD NEW",
	short: "Print the patch that turns one contact into another, or those for files of contacts",
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
	example: "  contact diff old.json new.json\n  contact diff --ndjson old.ndjson new.ndjson >patches.ndjson",
	least:   2,
	most:    2,
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		o := optionFlags(flags)
		bulk := newBulkFlags(flags)
		return func(files []string) error {
			if err := bulk.check(flags); err != nil {
				return err
			}
			if bulk.ndjson {
				j := &join{
					env: e, verb: "diff", contacts: files[0], patches: files[1], maxPatch: ndjson.MaxLine,
					check: [...]func([]byte) error{checkStored(o), checkStored(o)},
				}
				return j.run(bulk, &differing{*o})
			}
			sides, err := e.stored(files, o)
			if err != nil {
				return err
			}
			patch, err := contact.Diff(sides[0], sides[1])
			if err != nil {
				return e.refuse(files[1], nil, err)
			}
			e.printJSON(patch.AppendJSON(nil))
			return nil
		}
	},
}

var merge3Command = command{
	use:   "merge3 BASE OURS THEIRS",
	short: "Bring two changes of one contact together",
	long: `
Merge two contacts that came from the same one and print the result. What only
one side changed is taken from it. Where both sides changed the same place
differently, theirs is kept and the conflict listed in {"conflicts":[…]} on
standard error: its pointer and the values of base, ours and theirs, without
those that are absent. The exit status is 1 if there are conflicts.`,
	example: "  contact merge3 base.json ours.json theirs.json",
	least:   3,
	most:    3,
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		o := optionFlags(flags)
		return func(files []string) error {
			sides, err := e.stored(files, o)
			if err != nil {
				return err
			}
			merged, conflicts, err := contact.Merge3(sides[0], sides[1], sides[2], nil)
			if err != nil {
				other := 1 // whose identity is not that of base
				if _, _, err := contact.Merge3(sides[0], sides[1], sides[0], nil); err == nil {
					other = 2
				}
				return e.refuse(files[other], nil, err)
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
				return errInvalid
			}
			return nil
		}
	},
}

var fieldsCommand = command{
	use:   "fields",
	short: "Print the table of the fields",
	long: `
Print the fields of a contact in their order: name, kind, whether every
contact has it, whether it is a consent, and what an update may do to it:
  identity   only repeat it
  version    send it to say which version was seen
  set        give it a value
  clear      give it a value, or null to clear it
  merge      merge it member by member (RFC 7396)
  replace    replace it as a whole`,
	example: "  contact fields | jq -r '.[] | select(.consent) | .name'",
	setup: func(e *env, _ *pflag.FlagSet) func([]string) error {
		return func([]string) error {
			var out strings.Builder
			// Padding keeps the columns straight for people; to programs it is one array.
			lead := "[\n "
			for f := range contact.AllFields.All() {
				fmt.Fprintf(&out, `%s {"name": %-27s "kind": %-12s "required": %-6s "consent": %-6s "update": %q}`, lead,
					fmt.Sprintf("%q,", f), fmt.Sprintf("%q,", f.Kind().String()), fmt.Sprintf("%t,", contact.RequiredFields.Has(f)),
					fmt.Sprintf("%t,", contact.ConsentFields.Has(f)), update(f))
				lead = ",\n "
			}
			e.write(e.stdout, []byte(out.String()+"\n]\n"))
			return nil
		}
	},
}

// update names the effect that an update may have on a field.
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

// dividesSecond reports whether a second is a multiple of the step, or the step is 0.
func dividesSecond(step time.Duration) bool {
	return step == 0 || step > 0 && time.Second%step == 0
}
