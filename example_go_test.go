package contact_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// Texts in another language are looked up by the key; what differs from error to error is in Meta.
func ExampleError_MessageKey() {
	for _, body := range []string{`{"sms_opted_in":1}`, `{"city":"Oslo"`, `{"team_id":null}`} {
		var errs contact.Errors
		if errors.As(contact.CheckPatch([]byte(body)), &errs) {
			fmt.Println(errs[0].MessageKey())
		}
	}
	own := contact.NewError(contact.RuleUnknown, "/city")
	fmt.Println(own.MessageKey())
	own.Detail = "We do not serve this city yet." // which no translation of unknown says
	fmt.Println(own.MessageKey())
	// Output:
	// type.boolean
	// syntax.end
	// null
	// unknown
	// unknown.own
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
	// contact: 2 errors: /name_first: Send text that is valid UTF-8.; /timezone: Send a name of the IANA time zone database, such as America/Chicago; UTC offsets and abbreviations are not accepted. (did you mean Europe/Oslo?)
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
		Set(contact.FieldMetaPublic, contact.Object(`{"tier":"gold","old":null}`)).
		Set(contact.FieldUpdatedAt, okafor().UpdatedAt).
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
		SetText(contact.FieldSMSOptedIn, "yes").
		Set(contact.FieldTimezone, "PST").
		Clear(contact.FieldTeamID).
		Patch()
	var errs contact.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			fmt.Println(e.Pointer, e.MessageKey())
		}
	}

	// What no person typed is the program's fault.
	_, err = contact.NewPatch().Set(contact.FieldSMSOptedIn, "yes").Set(77, true).Patch()
	fmt.Println(errors.Is(err, contact.ErrField))
	fmt.Println(err)
	// Output:
	// /team_id null
	// /timezone timezone
	// /sms_opted_in type.text
	// true
	// contact: a value of another Go type: sms_opted_in takes bool, not string
	// contact: no such field: 77
}

// A patch for one version of a contact comes too late for any other.
func ExamplePatch_At() {
	c := okafor()
	edited := c.Clone()
	*edited.City = "Oslo"
	patch, err := contact.Diff(c, edited)
	if err != nil {
		fmt.Println(err)
		return
	}
	patch, err = patch.At(c.UpdatedAt)
	fmt.Printf("%s %v\n", patch.AppendJSON(nil), err)
	// Output:
	// {"city":"Oslo","updated_at":"2026-05-17T08:02:45.120004Z"} <nil>
}

// An import of a CSV file: its head names the fields, the id says whose row it is.
func ExamplePatchBuilder_SetText() {
	stored := map[contact.ID]*contact.Contact{okafor().ID: okafor()}
	table := "\ufeffid,name_first,birthdate,phone_home,sms_opted_in\r\n" + // as spreadsheets begin
		"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b,Ana,1984-11-02 ,, true\r\n" +
		"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b,Bo,1990-02-30,,yes\r\n" +
		"919108f7-52d1-4320-9bac-f847db4148a8,Cy,,,\r\n" +
		",Di,,,\r\n"

	file := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff")))
	// file.Comma = ';' is for tables as spreadsheets write them in much of Europe.
	head, err := file.Read()
	if err != nil {
		fmt.Println(err)
		return
	}
	var columns []contact.Field
	for i, name := range head {
		f, ok := contact.FieldByName(strings.TrimSpace(name))
		if !ok || slices.Contains(columns, f) { // neither lost in silence nor taken twice
			fmt.Printf("column %d is no field, or one that came before\n", i+1)
			return
		}
		columns = append(columns, f)
	}
	if !slices.Contains(columns, contact.FieldID) {
		fmt.Println("no column says whose row it is")
		return
	}
	clears := contact.FieldsOf(contact.FieldPhoneHome) // where an empty cell says so
	for {
		row, err := file.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err) // with its line
			if errors.As(err, new(*csv.ParseError)) {
				continue // the next row may be in order
			}
			return
		}
		n, _ := file.FieldPos(0) // the row's line: blank ones are skipped, and cells may have several
		b := contact.NewPatch()
		for i, f := range columns {
			switch {
			case row[i] != "":
				b.SetText(f, row[i])
			case clears.Has(f):
				b.Clear(f)
			}
		}
		patch, err := b.Patch()
		var errs contact.Errors
		if errors.As(err, &errs) {
			for _, e := range errs {
				name, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
				f, _ := contact.FieldByName(name)
				fmt.Printf("line %d, column %d: %s\n", n, slices.Index(columns, f)+1, e.Detail)
			}
			continue
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		id, _ := patch.Get(contact.FieldID)
		whose, _ := id.(contact.ID) // none where the cell is empty
		c := stored[whose]
		if c == nil {
			fmt.Printf("line %d: no such contact\n", n)
			continue
		}
		merged, changed, err := contact.Merge(c, patch, time.Now())
		if err != nil {
			fmt.Printf("line %d: %v\n", n, err)
			continue
		}
		stored[merged.ID] = merged
		fmt.Printf("line %d: %v\n", n, changed)
	}
	// Output:
	// line 2: name_first,phone_home,birthdate,updated_at
	// line 3, column 3: Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.
	// line 3, column 5: Write true or false.
	// line 4: no such contact
	// line 5: no such contact
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

// A change comes back from a log as it was.
func ExampleChange_UnmarshalJSON() {
	var change contact.Change
	err := json.Unmarshal([]byte(`{"field":"city","op":"replace","pointer":"/city","before":"Chicago","after":"Oslo"}`), &change)
	fmt.Println(change.Field, change.Before, change.After, err)
	// Output: city "Chicago" "Oslo" <nil>
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
	removed := 0
	for change := range contact.Changes(before, after) {
		if change.Op == "remove" { // the others are "add" and "replace"
			removed++
		}
		whole, err := json.Marshal(change)
		if err != nil {
			fmt.Println(err)
			return
		}
		// This form may be kept where personal data may not.
		redacted, err := json.Marshal(change.Redacted())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n%s\n", whole, redacted)
	}
	fmt.Println(removed, "removed")
	// Output:
	// {"field":"city","op":"replace","pointer":"/city","before":"Chicago","after":"Oslo"}
	// {"field":"city","op":"replace","pointer":"/city"}
	// {"field":"meta_public","op":"remove","pointer":"/meta_public/source","before":"spring-2026"}
	// {"field":"meta_public","op":"remove","pointer":"/meta_public/…"}
	// 1 removed
}

// A log of a contact, of a patch or of errors names people by their ids alone.
func ExampleContact_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			// Every contact has the required fields.
			a.Value = slog.StringValue(strings.Replace(a.Value.String(), contact.RequiredFields.String(), "…", 1))
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
	c := contact.Contact{ID: okafor().ID}
	log.Info("merging", "contact", c)
	log.Info("merging", "patch", patch)
	log.Info("merging", "update", update)
	log.Info("merging", "change", contact.Change{Field: contact.FieldCity, Op: "add", Pointer: "/city", After: `"Oslo"`})
	log.Info("refused", "errors", errs)
	log.Info("refused", "error", errs[0])
	log.Info("reading", "request", contact.UpdateRequest{PathID: "maria@example.org", Body: []byte(`{"city":1}`)})
	log.Info("rebasing", "conflict", contact.Conflict{Field: contact.FieldCity, Pointer: "/city", Ours: `"Oslo"`, Theirs: `"Bergen"`})
	fmt.Printf("%v, %+v, %#v\n", c, patch, c)
	// Output:
	// level=INFO msg=merging contact.id=7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b contact.team_id=00000000-0000-0000-0000-000000000000 contact.fields=…
	// level=INFO msg=merging patch.fields=email,phone_home patch.cleared=phone_home
	// level=INFO msg=merging update.id=7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b update.patch.fields=email,phone_home update.patch.cleared=phone_home
	// level=INFO msg=merging change.field=city change.op=add change.pointer=/city
	// level=INFO msg=refused errors.status=422 errors.faults="[type /city unknown /…]"
	// level=INFO msg=refused error.rule=type error.pointer=/city
	// level=INFO msg=reading request="update request of 10 bytes"
	// level=INFO msg=rebasing conflict.field=city conflict.pointer=/city
	// contact 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b, patch of email,phone_home, clearing phone_home, contact 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b
}

// Whatever the verb is, fmt prints no person either.
func ExampleUpdate_Format() {
	patch, err := contact.ParsePatch([]byte(`{"email":"ana@example.org"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", contact.Update{ID: okafor().ID, IdempotencyKey: "ana@example.org", Patch: patch})
	fmt.Printf("%+v\n", contact.UpdateRequest{PathID: "ana@example.org", Body: []byte(`{"city":1}`)})
	condition := contact.ParseCondition(`"ana@example.org"`, "", "")
	_, err = condition.MarshalJSON()
	fmt.Println(err)
	fmt.Printf("%+v\n", contact.ParseCondition(`"ana@example.org"`, "", ""))
	fmt.Printf("%+v\n", contact.NewPatch().Set(contact.FieldEmail, "ana@example.org"))
	fmt.Printf("%+v\n", contact.Conflict{Field: contact.FieldCity, Pointer: "/city", Ours: `"Oslo"`, Theirs: `"Bergen"`})
	errs := contact.CheckPatch([]byte(`{"ana@example.org":1}`)).(contact.Errors)
	fmt.Printf("%#v\n", errs)
	fmt.Printf("%#v\n", errs[0])
	var stored *contact.StoreError
	_, err = contact.ParseStored([]byte(`["ana@example.org"]`))
	if errors.As(err, &stored) {
		fmt.Printf("%v\n", stored)
	}
	// Output:
	// update of 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b: patch of email
	// update request of 10 bytes
	// contact: a condition is not for JSON: keep the request
	// condition
	// patch builder
	// conflict at /city
	// contact: /…: Remove this member or correct its name: a contact has no such field.
	// /…: Remove this member or correct its name: a contact has no such field.
	// contact: in the stored document: Send a JSON object.
}

// A change that is logged has no values.
func ExampleChange_LogValue() {
	for change := range contact.Changes(nil, okafor()) {
		if contact.ConsentFields.Has(change.Field) {
			fmt.Println(change, change.LogValue())
		}
	}
	// Output:
	// add /sms_opted_in [field=sms_opted_in op=add pointer=/sms_opted_in]
	// add /sms_authorized [field=sms_authorized op=add pointer=/sms_authorized]
	// add /sms_unsubscribed [field=sms_unsubscribed op=add pointer=/sms_unsubscribed]
	// add /email_opted_in [field=email_opted_in op=add pointer=/email_opted_in]
	// add /email_authorized [field=email_authorized op=add pointer=/email_authorized]
	// add /email_unsubscribed [field=email_unsubscribed op=add pointer=/email_unsubscribed]
}

// A client reads the answer to an update: the contact, or an envelope, in which it finds by rule what
// it can mend. What a proxy on the way says is neither.
func ExampleErrors_UnmarshalJSON() {
	read := func(status int, body []byte) (*contact.Contact, error) {
		if status == 200 {
			return contact.ParseStored(body) // a newer service may have fields that this version does not know
		}
		var errs contact.Errors
		if err := json.Unmarshal(body, &errs); err != nil {
			return nil, fmt.Errorf("status %d: %w", status, err)
		}
		if len(errs) == 0 {
			return nil, fmt.Errorf("status %d without an error", status)
		}
		return nil, fmt.Errorf("status %d: %w", status, errs) // which knows more than errs.Status, of codes that are new
	}
	_, err := read(409, []byte(`{"errors":[{"code":"stale_update","title":"Contact has changed","detail":"…",
		"source":{"pointer":"/updated_at"},"meta":{"rule":"stale"}}]}`))
	var e contact.Error // the first of them
	if errors.As(err, &e) && e.Rule == contact.RuleStale {
		fmt.Println("load it again:", e.Pointer)
	}
	_, err = read(502, []byte(`{"message":"Bad gateway"}`))
	fmt.Println(err)
	c, err := read(200, okafor().AppendJSON(nil))
	fmt.Println(c, err)
	// Output:
	// load it again: /updated_at
	// status 502: contact: not an envelope of errors
	// contact 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b <nil>
}

// One entry alone, codes that this version does not know included.
func ExampleError_UnmarshalJSON() {
	var e contact.Error
	err := json.Unmarshal([]byte(`{"code":"quota","title":"Too many","detail":"Wait.","meta":{"rule":"quota","limit":5}}`), &e)
	fmt.Println(e.Code, e.Meta.Limit, err)
	// Output: quota 5 <nil>
}

// The texts in Spanish, by key. What has no translation yet stays English.
func ExampleErrors_Translate() {
	spanish := map[string][2]string{
		"type.boolean": {"Tipo no válido", "Envíe true o false, sin comillas."},
		"size.body":    {"Cuerpo demasiado grande", "Envíe como máximo {limit} bytes."},
	}
	translate := func(e contact.Error) (title, detail string) {
		texts := spanish[e.MessageKey()]
		return texts[0], strings.ReplaceAll(texts[1], "{limit}", strconv.Itoa(e.Meta.Limit))
	}
	for _, err := range []error{
		contact.CheckPatch([]byte(`{"sms_opted_in":"sí"}`)),
		contact.Options{MaxBytes: 4}.CheckPatch([]byte(`{"city":""}`)),
		contact.CheckPatch([]byte(`{"ciudad":""}`)),
	} {
		var errs contact.Errors
		if errors.As(err, &errs) {
			e := errs.Translate(translate)[0]
			fmt.Println(e.Title(), "–", e.Detail)
		}
	}

	// The keys that still need a translation.
	var missing []string
	for _, texts := range []iter.Seq2[string, contact.Error]{contact.Messages(), contacthttp.Messages()} {
		for key, english := range texts {
			if _, ok := spanish[key]; !ok {
				missing = append(missing, key+": "+english.Title()+" – "+english.Detail)
			}
		}
	}
	fmt.Println("To do:", missing[0])
	// Output:
	// Tipo no válido – Envíe true o false, sin comillas.
	// Cuerpo demasiado grande – Envíe como máximo 4 bytes.
	// Unknown field – Remove this member or correct its name: a contact has no such field.
	// To do: syntax: Malformed JSON – Send well-formed JSON.
}

// The strings that an enum allows are the options of a select element.
func ExampleField_Values() {
	fmt.Println(contact.FieldType.Values(), contact.FieldCity.Values())
	// Output: [contact] []
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
func ExampleDate_Time() {
	d := contact.Date{Year: 2026, Month: 3, Day: 1}
	fmt.Println(d, d.Time().Weekday(), d.Time().Compare(contact.Date{Year: 2026, Month: 3, Day: 2}.Time()))
	// Output: 2026-03-01 Sunday -1
}

// A service that keeps documents reads the body once, and merges it where its data is.
func ExampleUpdate_AppendMerge() {
	update, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID: okafor().ID.String(), Scopes: []string{"partner:contacts:write"},
		ContentType: "application/json", Body: []byte(`{"city":"Oslo"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := okafor().AppendJSON(nil) // SELECT document … FOR UPDATE
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	merged, changed, before, after, err := update.AppendMerge(nil, stored, now)
	fmt.Println(changed, len(merged) > 0, err)
	fmt.Println(contact.ETag(before), contact.ETag(after))
	// Output:
	// city,updated_at true <nil>
	// "2026-05-17T08:02:45.120004Z" "2026-06-01T00:00:00Z"
}
