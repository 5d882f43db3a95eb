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
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		now := time.Now()
		o := optionFlags(flags)
		mergeFlags(flags, o)
		flags.Func("now", "the `TIME` of the update, RFC 3339 (default the clock's)", func(text string) (err error) {
			if now, err = contact.ParseTimestamp(text); err != nil {
				err = errors.New("it takes an RFC 3339 timestamp, such as 2024-01-02T03:04:05Z")
			}
			return err
		})
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
			e.printJSON(merged)
			e.note("changed", namesOf(changed))
			return nil
		}
	},
}

var diffCommand = command{
	use:   "diff OLD NEW",
	short: "Print the patch that turns one contact into another, or those for files of contacts",
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

// namesOf returns the names of fields in their order.
func namesOf(fields contact.FieldSet) []string {
	names := []string{}
	for f := range fields.All() {
		names = append(names, f.String())
	}
	return names
}

// dividesSecond reports whether a second is a multiple of the step, or the step is 0.
func dividesSecond(step time.Duration) bool {
	return step == 0 || step > 0 && time.Second%step == 0
}
