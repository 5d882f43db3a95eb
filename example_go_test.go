package contact_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
)

// Texts in another language are looked up by the key; what differs from error to error is in Meta.
func ExampleError_Key() {
	for _, body := range []string{`{"sms_opted_in":1}`, `{"city":"Oslo"`, `{"team_id":null}`} {
		var errs contact.Errors
		if errors.As(contact.CheckPatch([]byte(body)), &errs) {
			fmt.Println(errs[0].Key())
		}
	}
	// Output:
	// type.boolean
	// syntax.end
	// null
}

// A contact is read field by field: for an audit, a CSV file, or an UPDATE of the changed columns.
func ExampleContact_Get() {
	c := okafor()
	for f := range contact.FieldsOf(contact.FieldNameLast, contact.FieldSMSOptedIn, contact.FieldNameSuffix).All() {
		value, ok := c.Get(f)
		fmt.Println(f, value, ok)
	}
	// Output:
	// name_last Okafor true
	// name_suffix <nil> false
	// sms_opted_in true true
}

// What database/sql scans a column into.
func ExampleContact_Ptr() {
	var c contact.Contact
	column := c.Ptr(contact.FieldCity).(**string)
	city := "Oslo"
	*column = &city
	fmt.Println(*c.City)
	// Output: Oslo
}

// A patch knows of each field whether it is set, cleared or left alone.
func ExamplePatch_Get() {
	patch, err := contact.ParsePatch([]byte(`{"city":"Oslo","phone_home":null}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range []contact.Field{contact.FieldCity, contact.FieldPhoneHome, contact.FieldState} {
		value, ok := patch.Get(f)
		fmt.Println(f, value, ok)
	}
	// Output:
	// city Oslo true
	// phone_home <nil> true
	// state <nil> false
}

// A contact that a program has put together is judged as one from outside.
func ExampleContact_Validate() {
	c := okafor()
	fmt.Println(c.Validate())
	zone, name := "Europe/Olso", "Zo\xeb" // Latin-1, as old files have it
	c.Timezone, c.NameFirst = &zone, &name
	fmt.Println(c.Validate())
	// Output:
	// <nil>
	// contact: /name_first: Send text that is valid UTF-8.
}

// Sets of fields stand by name in JSON, so that what is stored keeps its meaning.
func ExampleFieldSet_MarshalText() {
	event := struct {
		Changed contact.FieldSet
		First   contact.Field
	}{contact.FieldsOf(contact.FieldCity, contact.FieldTimezone), contact.FieldCity}
	text, err := json.Marshal(event)
	fmt.Println(string(text), err)

	var again struct {
		Changed contact.FieldSet
		First   contact.Field
	}
	fmt.Println(json.Unmarshal(text, &again), again.Changed == event.Changed, again.First)
	// Output:
	// {"Changed":"city,timezone","First":"city"} <nil>
	// <nil> true city
}

// Field and FieldSet are text for encoding/json, flag and every library that knows these methods.
func ExampleField_UnmarshalText() {
	var f contact.Field
	fmt.Println(f.UnmarshalText([]byte("post_code")), f)
	fmt.Println(f.UnmarshalText([]byte("postcode")))
	name, err := f.MarshalText()
	fmt.Printf("%s %v\n", name, err)

	var set contact.FieldSet
	fmt.Println(set.UnmarshalText([]byte("city,post_code")), set)
	// Output:
	// <nil> post_code
	// contact: /…: Remove this member or correct its name: a contact has no such field. (did you mean post_code?)
	// post_code <nil>
	// <nil> city,post_code
}

// A patch from Go values: nothing is written but what is named.
func ExampleNewPatch() {
	seen := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	patch, err := contact.NewPatch().
		Set(contact.FieldCity, "Oslo").
		Set(contact.FieldLastSeenAt, seen).
		Clear(contact.FieldPhoneHome).
		MergeMeta(`{"tier":"gold","old":null}`).
		At(okafor().UpdatedAt).
		Patch()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", patch.AppendJSON(nil))
	// Output:
	// {"phone_home":null,"city":"Oslo","meta_public":{"tier":"gold","old":null},"updated_at":"2026-05-17T08:02:45.120004Z","last_seen_at":"2026-06-01T12:00:00Z"}
}

// The errors of a builder come all at once, in the order of the fields.
func ExamplePatchBuilder_Patch() {
	_, err := contact.NewPatch().
		Set(contact.FieldSMSOptedIn, "yes").
		Set(contact.FieldTimezone, "PST").
		Clear(contact.FieldTeamID).
		Patch()
	var errs contact.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			fmt.Println(e.Pointer, e.Key())
		}
	}
	// Output:
	// /team_id null
	// /timezone timezone
	// /sms_opted_in type.boolean
}

// An import of a CSV file: the columns are named in its head.
func ExamplePatchBuilder_SetText() {
	file := csv.NewReader(strings.NewReader("name_first,birthdate,sms_opted_in\nAna,1990-02-30,true\nBo,1984-11-02,false\n"))
	rows, err := file.ReadAll()
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, row := range rows[1:] {
		b := contact.NewPatch()
		for column, cell := range row {
			if f, ok := contact.FieldByName(rows[0][column]); ok && cell != "" {
				b.SetText(f, cell)
			}
		}
		patch, err := b.Patch()
		if err != nil {
			fmt.Printf("row %d: %v\n", i+2, err)
			continue
		}
		fmt.Printf("row %d: %s\n", i+2, patch.AppendJSON(nil))
	}
	// Output:
	// row 2: contact: /birthdate: Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.
	// row 3: {"name_first":"Bo","birthdate":"1984-11-02","sms_opted_in":false}
}

// Two patches that wait to be sent become one. What no merge patch can say is refused.
func ExamplePatch_Then() {
	parse := func(body string) *contact.Patch {
		p, err := contact.ParsePatch([]byte(body))
		if err != nil {
			panic(err)
		}
		return p
	}
	both, err := parse(`{"city":"Oslo","meta_public":{"a":1}}`).Then(parse(`{"city":null,"meta_public":{"b":{"c":2}}}`))
	fmt.Printf("%s %v\n", both.AppendJSON(nil), err)
	_, err = parse(`{"meta_public":{"a":null}}`).Then(parse(`{"meta_public":{"a":{"x":1}}}`))
	fmt.Println(err)
	// Output:
	// {"city":null,"meta_public":{"a":1,"b":{"c":2}}} <nil>
	// contact: /meta_public/…: Send the two patches one after the other: no merge patch replaces a member by an object.
}

// An audit log says what changed, to the member of meta_public.
func ExampleChanges() {
	before := okafor()
	patch, err := contact.ParsePatch([]byte(`{"city":"Oslo","meta_public":{"source":null}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	after, _, err := contact.Merge(before, patch, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for change := range contact.Changes(before, after) {
		fmt.Printf("%s: %q, %q\n", change.Pointer, change.Before, change.After)
	}
	// What may be kept where personal data may not.
	var kept []contact.Change
	for change := range contact.Changes(before, after) {
		kept = append(kept, change.Redacted())
	}
	fmt.Println(kept[0].Pointer, kept[1].Pointer)
	// Output:
	// /city: "\"Chicago\"", "\"Oslo\""
	// /meta_public/source: "\"spring-2026\"", ""
	// /city /meta_public/…
}

// A log of a contact, of a patch or of errors names people by their ids alone.
func ExampleContact_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	patch, err := contact.ParsePatch([]byte(`{"email":"ana@example.org","phone_home":null}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	update := contact.Update{ID: okafor().ID, IdempotencyKey: "maria@example.org", Patch: patch}
	errs := contact.CheckPatch([]byte(`{"city":1,"maria@example.org":2}`)).(contact.Errors)
	c := contact.Contact{ID: okafor().ID, Email: okafor().Email}
	log.Info("merging", "contact", c)
	log.Info("merging", "patch", patch)
	log.Info("merging", "update", update)
	log.Info("refused", "errors", errs)
	log.Info("refused", "error", errs[0])
	fmt.Printf("%v, %+v, %#v\n", c, patch, c)
	// Output:
	// level=INFO msg=merging contact.id=7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b contact.team_id=00000000-0000-0000-0000-000000000000 contact.fields=id,type,team_id,email,sms_verified,sms_opted_in,sms_authorized,sms_unsubscribed,email_verified,email_opted_in,email_authorized,email_unsubscribed,meta_public,inserted_at,updated_at,active_journey_ids,completed_objective_keys
	// level=INFO msg=merging patch.fields=email,phone_home patch.cleared=phone_home
	// level=INFO msg=merging update.id=7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b update.patch.fields=email,phone_home update.patch.cleared=phone_home
	// level=INFO msg=refused errors.status=422 errors.faults="[type /city unknown /…]"
	// level=INFO msg=refused error.rule=type error.at=/city
	// contact 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b, patch of email,phone_home, clearing phone_home, contact 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b
}

// A change that is logged has no values.
func ExampleChange_LogValue() {
	for change := range contact.Changes(nil, okafor()) {
		if contact.ConsentFields.Has(change.Field) {
			fmt.Println(change.LogValue())
		}
	}
	// Output:
	// /sms_opted_in
	// /sms_authorized
	// /sms_unsubscribed
	// /email_opted_in
	// /email_authorized
	// /email_unsubscribed
}

// A client reads the envelope of a refusal, and finds by rule what it can mend.
func ExampleErrors_UnmarshalJSON() {
	envelope := []byte(`{"errors":[{"code":"stale_update","title":"Contact has changed","detail":"…",
		"source":{"pointer":"/updated_at"},"meta":{"rule":"stale"}}]}`)
	var errs contact.Errors
	if err := json.Unmarshal(envelope, &errs); err != nil {
		fmt.Println(err)
		return
	}
	var e contact.Error // or the first of them
	if errors.As(errs, &e) && e.Rule == contact.RuleStale {
		fmt.Println("load it again:", e.Pointer)
	}
	text, err := json.Marshal(e)
	fmt.Println(json.Unmarshal(text, &e), err)
	// Output:
	// load it again: /updated_at
	// <nil> <nil>
}

// The texts in Spanish, with the limit that the library has in Meta.
func ExampleErrors_Translate() {
	spanish := map[string][2]string{
		"type.boolean": {"Tipo no válido", "Envíe true o false, sin comillas."},
		"size.body":    {"Cuerpo demasiado grande", "Envíe como máximo %d bytes."},
	}
	translate := func(e contact.Error) (title, detail string) {
		texts := spanish[e.Key()]
		if e.Meta.Limit > 0 {
			texts[1] = fmt.Sprintf(texts[1], e.Meta.Limit)
		}
		return texts[0], texts[1]
	}
	for _, err := range []error{
		contact.CheckPatch([]byte(`{"sms_opted_in":"sí"}`)),
		contact.Options{MaxBytes: 4}.CheckPatch([]byte(`{"city":""}`)),
	} {
		var errs contact.Errors
		if errors.As(err, &errs) {
			e := errs.Translate(translate)[0]
			fmt.Println(e.Title(), "–", e.Detail)
		}
	}
	// Output:
	// Tipo no válido – Envíe true o false, sin comillas.
	// Cuerpo demasiado grande – Envíe como máximo 4 bytes.
}

// What a service refuses for reasons of its own stands in the same envelope.
func ExampleNewServiceError() {
	errs := contact.Errors{contact.NewServiceError(404, "not_found", "Contact not found", "Send the id of a contact.")}
	fmt.Println(errs.Status())
	fmt.Printf("%s\n", errs.AppendJSON(nil))
	// Output:
	// 404
	// {"errors":[{"code":"not_found","title":"Contact not found","detail":"Send the id of a contact.","meta":{"rule":"not_found"}}]}
}

// A birthdate and a time meet only where a program says so.
func ExampleDateOf() {
	d := contact.DateOf(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC))
	fmt.Println(d, d.Time().Weekday(), d.Compare(contact.Date{Year: 2026, Month: 3, Day: 2}))
	// Output: 2026-03-01 Sunday -1
}
