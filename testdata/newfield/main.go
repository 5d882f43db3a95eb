// Command newfield proves that a field which has been added to the schema, optional and not text in
// any special form of its own, works everywhere: its name is the argument.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/reference"
)

// values has two valid values and an invalid one of each kind, as JSON.
var values = map[contact.Kind][3]string{
	contact.KindString:    {`"a b"`, `"\u00e9"`, `1`},
	contact.KindDate:      {`"2000-02-29"`, `"1999-12-31"`, `"2001-02-29"`},
	contact.KindTimezone:  {`"Europe/Oslo"`, `"UTC"`, `"PST"`},
	contact.KindEnum:      {`"sms"`, `"email"`, `"SMS"`},
	contact.KindTimestamp: {`"2024-01-02T03:04:05Z"`, `"2024-01-02T03:04:06Z"`, `"yesterday"`},
}

// rest is a contact without the field and the brackets.
func rest(without contact.Field) string {
	var b strings.Builder
	for f := range (contact.RequiredFields &^ contact.FieldsOf(without)).All() {
		fmt.Fprintf(&b, `,%q:%s`, f, contacttest.FromBytes(nil).Value(f))
	}
	return b.String()[1:]
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("name a field")
	}
	if err := check(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ok")
}

func check(name string) error {
	f, ok := contact.FieldByName(name)
	if !ok || f.String() != name || !contact.WritableFields.Has(f) || contact.RequiredFields.Has(f) {
		return errors.New("the table does not have the field as it should be")
	}
	v := values[f.Kind()]
	whole := fmt.Sprintf(`{%q:%s,%s}`, name, v[0], rest(f))
	for _, judge := range []func([]byte) error{contact.Check, reference.Check, contact.CheckPatch, reference.CheckPatch} {
		if err := judge([]byte(whole)); err != nil {
			return err
		}
		err := judge([]byte(strings.Replace(whole, v[0], v[2], 1)))
		var errs contact.Errors
		if !errors.As(err, &errs) || len(errs) != 1 || errs[0].Pointer != "/"+name {
			return fmt.Errorf("an invalid value: %v", err)
		}
	}

	// The writer, and a way back.
	c, err := contact.Parse([]byte(whole))
	if err != nil {
		return err
	}
	again, err := contact.ParseStored(c.AppendJSON(nil))
	if err != nil || string(again.AppendJSON(nil)) != string(c.AppendJSON(nil)) {
		return fmt.Errorf("written as %s: %v", c.AppendJSON(nil), err)
	}
	if !strings.Contains(string(c.AppendJSON(nil)), fmt.Sprintf(`%q:`, name)) {
		return errors.New("the writer leaves it out")
	}

	// The merge: another value, the same, null; and from document to document.
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, changes := range map[string]bool{v[0]: false, v[1]: true, "null": true} {
		body := []byte(fmt.Sprintf(`{%q:%s}`, name, value))
		p, err := contact.ParsePatch(body)
		if err != nil {
			return err
		}
		merged, changed, err := contact.Merge(c, p, now)
		if err != nil || changed.Has(f) != changes {
			return fmt.Errorf("merging %s changed %v: %v", value, changed, err)
		}
		text, _, err := contact.AppendMerge(nil, c.AppendJSON(nil), body, now)
		if err != nil || string(text) != string(merged.AppendJSON(nil)) {
			return fmt.Errorf("from document to document %s: %v", text, err)
		}
		d, err := contact.Diff(c, merged)
		if err != nil || d.Fields().Has(f) != changes {
			return fmt.Errorf("the difference is %v: %v", d, err)
		}
	}

	// The suggestion.
	if len(name) > 3 {
		err = contact.CheckPatch([]byte(fmt.Sprintf(`{%q:1}`, strings.ToUpper(name))))
		var errs contact.Errors
		if !errors.As(err, &errs) || errs[0].Meta.Suggestion != name {
			return fmt.Errorf("the suggestion: %v", err)
		}
	}
	return nil
}
