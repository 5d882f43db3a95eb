package contact_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// The examples read from top to bottom: first patches and what can be wrong with them, then merging, then the client's
// side, then the parts.

// okafor is the contact that the examples work on: Dr. María Okafor of Chicago.
func okafor() *contact.Contact {
	body, err := os.ReadFile("testdata/contact.json")
	if err != nil {
		panic(err)
	}
	c, err := contact.ParseStored(body)
	if err != nil {
		panic(err)
	}
	return c
}

// A patch is parsed once and applied to a contact: that is the whole library in two calls.
func Example() {
	patch, err := contact.ParsePatch([]byte(`{
		"name_last": "Okafor-Reyes",
		"phone_home": null,
		"meta_public": {"score": null, "prefs": {"language": "en"}}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	merged, changed, err := contact.Merge(okafor(), patch, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("changed:", changed)
	fmt.Println(*merged.NameLast)
	fmt.Println(merged.MetaPublic)
	fmt.Println(merged.UpdatedAt)
	// Output:
	// changed: name_last,phone_home,meta_public,updated_at
	// Okafor-Reyes
	// {"source":"spring-2026","ledger":9007199254740993,"prefs":{"language":"en","channels":["sms","email"]}}
	// 2026-06-01 12:00:00 +0000 UTC
}

// A field is absent, null or a value, and the patch knows which.
func ExampleParsePatch() {
	patch, err := contact.ParsePatch([]byte(`{"timezone": "America/New_York", "birthdate": null}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("touches:", patch.Fields())
	birthdate, touched := patch.Get(contact.FieldBirthdate)
	fmt.Println("clears it:", touched && birthdate == nil)
	fmt.Println("consent:", patch.Fields()&contact.ConsentFields != 0)
	// Output:
	// touches: birthdate,timezone
	// clears it: true
	// consent: false
}

// Every fault is found at once, each with a rule for programs and a sentence for people.
func ExampleErrors() {
	_, err := contact.ParsePatch([]byte(`{
		"birthdate": "1990-02-30",
		"timezone": "america/chicago",
		"name_frist": "Ana",
		"meta_public": {"a": 1, "\u0061": 2},
		"active_journey_ids": ["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9", "not-a-uuid"]
	}`))
	var errs contact.Errors
	if !errors.As(err, &errs) {
		fmt.Println(err)
		return
	}
	fmt.Println("status", errs.Status())
	for _, e := range errs {
		fmt.Printf("%-9s %-21s %-17q %s\n", e.Rule, e.Pointer, e.Meta.Suggestion, e.Title())
	}
	// Output:
	// status 422
	// date      /birthdate            ""                Invalid format
	// timezone  /timezone             "America/Chicago" Unknown timezone
	// duplicate /meta_public/a        ""                Duplicate member
	// uuid      /active_journey_ids/1 ""                Invalid format
	// unknown   /name_frist           "name_first"      Unknown field
}

// An error can be logged as it is: it holds no part of what was sent.
func ExampleErrors_Error() {
	err := contact.CheckPatch([]byte(`{"sms_opted_in": "secret", "timezone": "america/chicago"}`))
	fmt.Println(err)

	errs := err.(contact.Errors)
	fmt.Println(errs[0].Error())
	fmt.Println(errs.Error() == err.Error())
	// Output:
	// contact: 2 errors: /timezone: Send a name of the IANA time zone database, such as America/Chicago; UTC offsets and abbreviations are not accepted. (did you mean America/Chicago?); /sms_opted_in: Send true or false, without quotes.
	// /timezone: Send a name of the IANA time zone database, such as America/Chicago; UTC offsets and abbreviations are not accepted. (did you mean America/Chicago?)
	// true
}

// The body of the response is the API's envelope. json.Marshal writes the same bytes, so an Errors can also be part of
// something larger.
func ExampleErrors_AppendJSON() {
	errs := contact.CheckPatch([]byte(`{"city": 1}`)).(contact.Errors)
	envelope := errs.AppendJSON(nil)
	fmt.Printf("%s\n", envelope)

	text, err := json.Marshal(errs)
	fmt.Println(string(text) == string(envelope), err)
	text, err = json.Marshal(errs[0])
	fmt.Println(strings.Contains(string(envelope), string(text)), err)
	// Output:
	// {"errors":[{"code":"validation_failed","title":"Invalid type","detail":"Send a string in double quotes.","source":{"pointer":"/city"},"meta":{"rule":"type"}}]}
	// true <nil>
	// true <nil>
}

// A service can make errors of its own, in the same form.
func ExampleError() {
	errs := contact.Errors{{
		Code:      "validation_failed",
		Rule:      contact.RuleUnknown,
		Parameter: "id",
		Detail:    "Send the id of a contact that exists.",
		Meta:      contact.ErrorMeta{},
	}}
	fmt.Println(errs.Status(), errs)
	// Output:
	// 400 contact: path parameter id: Send the id of a contact that exists.
}

// Check gives the verdict alone and allocates nothing for a body that is valid.
func ExampleCheck() {
	body := okafor().AppendJSON(nil)
	fmt.Println(contact.Check(body))
	fmt.Println(contact.CheckPatch(body))

	patch := []byte(`{"city": "Oak Park"}`)
	fmt.Println(len(contact.Check(patch).(contact.Errors)) == contact.RequiredFields.Len(), "no required field is there")
	fmt.Println(contact.CheckPatch(patch))
	// Output:
	// <nil>
	// <nil>
	// true no required field is there
	// <nil>
}

// A form judges one field while a person types.
func ExampleOptions_CheckField() {
	for _, typed := range []string{`"1990-02"`, `"1990-02-30"`, `"1990-02-28"`, `null`} {
		fmt.Println(typed, contact.Options{}.CheckField(contact.FieldBirthdate, []byte(typed)) == nil)
	}
	// Output:
	// "1990-02" false
	// "1990-02-30" false
	// "1990-02-28" true
	// null true
}

// Parse reads a whole contact from outside; AppendJSON writes it in the canonical form.
func ExampleParse() {
	body := okafor().AppendJSON(nil)
	c, err := contact.Parse(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.ID, *c.NameFirst, c.Birthdate)
	fmt.Println(string(c.AppendJSON(nil)) == string(body))

	_, err = contact.Parse([]byte(`{"type": "contact"}`))
	fmt.Println(contact.RequiredFields.Len()-len(err.(contact.Errors)), "required field is there")
	// Output:
	// 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b María 1990-02-28
	// true
	// 1 required field is there
}

// What was valid when it was stored stays readable: a timezone that no longer exists does not block an update.
func ExampleParseStored() {
	body := strings.Replace(string(okafor().AppendJSON(nil)), "America/Chicago", "America/Springfield", 1)
	_, err := contact.Parse([]byte(body))
	fmt.Println(err.(contact.Errors)[0].Rule)

	stored, err := contact.ParseStored([]byte(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	patch, err := contact.ParsePatch([]byte(`{"name_first": "Marta"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	merged, changed, err := contact.Merge(stored, patch, time.Time{})
	fmt.Println(*merged.Timezone, changed, err)
	// Output:
	// timezone
	// America/Springfield name_first <nil>
}

// Contacts are JSON values, so they fit into other types.
func ExampleContact_UnmarshalJSON() {
	text := `{"total": 1, "contacts": [` + string(okafor().AppendJSON(nil)) + `]}`
	var page struct {
		Total    int               `json:"total"`
		Contacts []contact.Contact `json:"contacts"`
	}
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*page.Contacts[0].City)

	again, err := json.Marshal(page.Contacts[0])
	fmt.Println(strings.Contains(text, string(again)), err)
	// Output:
	// Chicago
	// true <nil>
}

// A contact from Parse or Merge may share memory with others: change a clone.
func ExampleContact_Clone() {
	original := okafor()
	c := original.Clone()
	*c.City = "Oak Park"
	c.CompletedObjectiveKeys[0] = "moved"
	fmt.Println(*original.City, original.CompletedObjectiveKeys)
	// Output:
	// Chicago [welcome profile_complete]
}

// Merge refuses what an update may not do. A body that repeats what is stored changes nothing.
func ExampleMerge() {
	existing := okafor()
	for _, body := range []string{
		`{}`,
		`{"city": "Chicago", "meta_public": {"prefs": {"language": "es"}}}`,
		`{"team_id": "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"}`,
		`{"updated_at": "2026-05-17T08:00:00Z", "city": "Cicero"}`,
	} {
		patch, err := contact.ParsePatch([]byte(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		_, changed, err := contact.Merge(existing, patch, time.Now())
		var errs contact.Errors
		if errors.As(err, &errs) {
			fmt.Println(errs.Status(), errs[0].Rule)
			continue
		}
		fmt.Println("changed:", changed.Len(), "fields")
	}
	// Output:
	// changed: 0 fields
	// changed: 0 fields
	// 422 immutable
	// 409 stale
}

// A service that stores documents needs no contact in between. The buffer is used again for the next update.
func ExampleAppendMerge() {
	document := okafor().AppendJSON(nil)
	var buffer []byte
	for _, body := range []string{
		`{"city": "Oak Park", "phone_home": null}`,
		`{"city": "Chicago"}`,
		`{"city": 60618}`,
	} {
		merged, changed, err := contact.AppendMerge(buffer[:0], document, []byte(body), time.Now())
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(changed.Len(), "changed,", len(merged) > 1000)
		buffer = merged
	}
	// Output:
	// 3 changed, true
	// 0 changed, true
	// contact: /city: Send a string in double quotes.
}

// Two systems write the same contact: the one that syncs does not know of versions.
func ExampleOptions_AppendMerge() {
	document := okafor().AppendJSON(nil)
	body := []byte(`{"updated_at": "2020-01-01T00:00:00Z", "city": "Oak Park"}`)
	_, _, err := contact.AppendMerge(nil, document, body, time.Now())
	fmt.Println(err)
	_, changed, err := contact.Options{AllowStale: true}.AppendMerge(nil, document, body, time.Now())
	fmt.Println(changed, err)
	// Output:
	// contact: /updated_at: The contact was updated after the version you sent: load it again and apply your change to it.
	// city,updated_at <nil>
}

// A client sets Go fields and names those that it means, as in an AIP-134 update with a field mask.
func ExamplePatchOf() {
	mask, err := contact.ParseFieldSet("name_first,timezone,phone_work")
	if err != nil {
		fmt.Println(err)
		return
	}
	name, zone := "Marta", "America/New_York"
	patch, err := contact.PatchOf(&contact.Contact{NameFirst: &name, Timezone: &zone}, mask)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", patch.AppendJSON(nil))

	zone = "America/Springfield"
	_, err = contact.PatchOf(&contact.Contact{Timezone: &zone}, contact.FieldsOf(contact.FieldTimezone))
	fmt.Println(err.(contact.Errors)[0].Rule)
	// Output:
	// {"name_first":"Marta","phone_work":null,"timezone":"America/New_York"}
	// timezone
}

// A patch is a JSON value, too.
func ExamplePatch_UnmarshalJSON() {
	var task struct {
		Contact contact.ID     `json:"contact"`
		Patch   *contact.Patch `json:"patch"`
	}
	text := `{"contact":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","patch":{"city":"Oak Park","county":null}}`
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Patch.Fields())

	again, err := json.Marshal(task.Patch)
	fmt.Println(string(again), err)
	// Output:
	// city,county
	// {"city":"Oak Park","county":null} <nil>
}

// Diff makes the smallest patch from two versions of a contact, member by member inside meta_public.
func ExampleDiff() {
	before := okafor()
	after := before.Clone()
	after.PhoneHome = nil
	*after.City = "Oak Park"
	after.MetaPublic = `{"source":"spring-2026","score":12.50,"prefs":{"language":"en","channels":["sms","email"]}}`

	patch, err := contact.Diff(before, after)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", patch.AppendJSON(nil))
	// Output:
	// {"phone_home":null,"city":"Oak Park","meta_public":{"ledger":null,"prefs":{"language":"en"}}}
}

// A form has loaded a contact, and a person has edited it; meanwhile somebody else has saved a change. The update is
// stale. Merge3 brings both changes together and leaves only the real conflicts to the person.
func ExampleMerge3() {
	base := okafor()     // the contact that the form loaded
	ours := base.Clone() // with the person's edits
	*ours.City, *ours.PhoneMobile = "Oak Park", "+1 708 555 0101"

	theirs := base.Clone() // the contact stored in the meantime
	*theirs.City, *theirs.Email = "Cicero", "m.okafor@example.org"
	theirs.UpdatedAt = base.UpdatedAt.Add(time.Minute)

	edited, err := contact.PatchOf(ours, contact.FieldsOf(contact.FieldCity, contact.FieldPhoneMobile, contact.FieldUpdatedAt))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = contact.Merge(theirs, edited, time.Now())
	fmt.Println(err.(contact.Errors).Status(), err.(contact.Errors)[0].Rule)

	merged, _, err := contact.Merge3(base, ours, theirs, func(c contact.Conflict) (keepOurs bool) {
		fmt.Printf("%s: %s or %s?\n", c.Pointer, c.Ours, c.Theirs)
		return true // says the person
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*merged.PhoneMobile, *merged.Email)

	// The form sends the remaining changes, for the version that the person has seen.
	patch, err := contact.Diff(theirs, merged)
	if err != nil {
		fmt.Println(err)
		return
	}
	patch, err = patch.At(theirs.UpdatedAt)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, changed, err := contact.Merge(theirs, patch, time.Now())
	fmt.Println(changed, err)

	// After another update, the same patch is stale again.
	_, _, err = contact.Merge(stored, patch, time.Now())
	fmt.Println(err.(contact.Errors)[0].Rule)
	// Output:
	// 409 stale
	// /city: "Oak Park" or "Cicero"?
	// +1 708 555 0101 m.okafor@example.org
	// phone_mobile,city,updated_at <nil>
	// stale
}

// A service that merges documents needs of a contact no more than its version.
func ExampleStoredVersion() {
	document := okafor().AppendJSON(nil)
	version, err := contact.StoredVersion(document)
	fmt.Println(contact.ETag(version), err)
	fmt.Println(contact.ParseCondition(contact.ETag(version), "", "").Check(version))
	// Output:
	// "2026-05-17T08:02:45.120004Z" <nil>
	// <nil>
}

// Options has the departures from the contract that a service may choose.
func ExampleOptions() {
	body := []byte(`{"city": "Oak Park", "shoe_size": "Ana", "updated_at": "2026-01-01T00:00:00Z"}`)

	lenient := contact.Options{IgnoreUnknown: true, AllowStale: true}
	fmt.Println(lenient.CheckPatch(body))
	patch, err := lenient.ParsePatch(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, changed, err := lenient.Merge(okafor(), patch, time.Now())
	fmt.Println(changed, err)

	// Complete holds a patch to the reference page to the letter.
	literal := contact.Options{RequireComplete: true}
	fmt.Println(literal.CheckPatch(body).(contact.Errors)[0])
	fmt.Println(literal.CheckField(contact.FieldCity, []byte(`null`)).(contact.Errors)[0].Rule)

	small := contact.Options{MaxBytes: 50}
	fmt.Println(small.Check(body).(contact.Errors).Status())
	_, err = small.Parse(body)
	fmt.Println(err)

	// What is stored may be as large as it is.
	var stored *contact.StoreError
	_, err = small.ParseStored(body)
	fmt.Println(errors.As(err, &stored), stored.Errors()[0].Rule)
	// Output:
	// <nil>
	// city,updated_at <nil>
	// /id: Send this field: every contact has it.
	// null
	// 413
	// contact: Send a body of at most 50 bytes.
	// true required
}

// A service whose clients do not send UUIDs as idempotency keys.
func ExampleOptions_ParseUpdate() {
	rules := contact.Options{AnyIdempotencyKey: true}
	update, err := rules.ParseUpdate(contact.UpdateRequest{
		PathID:         "7C2E1F8A-4B5D-4E6F-9A1B-2C3D4E5F6A7B",
		Scopes:         []string{"partner:*:write"},
		ContentType:    "application/merge-patch+json; charset=utf-8",
		IdempotencyKey: "order-4711/2",
		Body:           []byte(`{"email_opted_in": false}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(u *contact.Update) { fmt.Println(u.ID, u.IdempotencyKey, u.Patch.Fields()) }
	show(update)
	// Output:
	// 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b order-4711/2 email_opted_in
}

// The fields, for a program that makes a form or a table of them.
func ExampleField() {
	for f := range contact.WritableFields.All() {
		if kind := f.Kind(); kind == contact.KindObject || kind == contact.KindIDs {
			fmt.Println(f, kind, contact.RequiredFields.Has(f))
		}
	}
	f, ok := contact.FieldByName("timezone")
	fmt.Println(f == contact.FieldTimezone, ok)
	f, ok = contact.FieldByName("Timezone")
	fmt.Println(f.String(), ok)
	// Output:
	// meta_public object true
	// active_journey_ids ids true
	// true true
	// id false
}

// Sets of fields combine like the bits that they are. Their text is that of a field mask.
func ExampleFieldSet() {
	var set contact.FieldSet = contact.FieldsOf(contact.FieldTimezone, contact.FieldNameFirst)
	fmt.Println(set, set.Len(), set.Has(contact.FieldCity))
	fmt.Println((set | contact.FieldsOf(contact.FieldCity)).String())
	fmt.Println(set&contact.IdentityFields == 0)

	again, err := contact.ParseFieldSet(set.String())
	fmt.Println(again == set, err)
	_, err = contact.ParseFieldSet("name_first,time_zone")
	fmt.Println(err.(contact.Errors)[0].Meta.Suggestion)
	// Output:
	// name_first,timezone 2 false
	// name_first,city,timezone
	// true
	// true <nil>
	// timezone
}

// The forms of values can be judged on their own.
func ExampleParseTimestamp() {
	t, err := contact.ParseTimestamp("1990-12-31T15:59:60-08:00") // a leap second
	fmt.Println(t, err)
	for _, s := range []string{"2024-01-02T03:04:05+05:30", "2024-01-02 03:04:05Z", "2024-01-02T03:04:05,5Z", "2024-01-02T24:00:00Z"} {
		_, err := contact.ParseTimestamp(s)
		fmt.Println(s, err == nil)
	}
	// Output:
	// 1991-01-01 00:00:00 +0000 UTC <nil>
	// 2024-01-02T03:04:05+05:30 true
	// 2024-01-02 03:04:05Z false
	// 2024-01-02T03:04:05,5Z false
	// 2024-01-02T24:00:00Z false
}

// An ID is a UUID of version 4, and no other form of one.
func ExampleParseID() {
	var id contact.ID
	id, err := contact.ParseID("7C2E1F8A-4B5D-4E6F-9A1B-2C3D4E5F6A7B")
	fmt.Println(id, err)
	for _, s := range []string{"7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b", "7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b", "00000000-0000-0000-0000-000000000000"} {
		_, err := contact.ParseID(s)
		fmt.Println(s, err == nil)
	}
	// Output:
	// 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b <nil>
	// 7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b false
	// 7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b false
	// 00000000-0000-0000-0000-000000000000 false
}

// A Date is a day, never an instant.
func ExampleDate() {
	d, err := contact.ParseDate("2024-02-29")
	fmt.Println(d == contact.Date{Year: 2024, Month: 2, Day: 29}, err)
	_, err = contact.ParseDate("2023-02-29")
	fmt.Println(err == nil)

	text, err := d.MarshalText()
	fmt.Println(string(text), d.String(), err)
	err = d.UnmarshalText([]byte("29.2.2024"))
	fmt.Println(d, err == nil) // as it was
	// Output:
	// true <nil>
	// false
	// 2024-02-29 2024-02-29 <nil>
	// 2024-02-29 false
}

// Timezones are names of the IANA database; what is near one is suggested.
func ExampleTimezones() {
	for _, s := range []string{"America/Chicago", "UTC", "america/chicago", "America/Chicgo", "+05:00"} {
		err := contact.Options{}.CheckField(contact.FieldTimezone, []byte(strconv.Quote(s)))
		var errs contact.Errors
		if errors.As(err, &errs) {
			fmt.Printf("%s is none; %q?\n", s, errs[0].Meta.Suggestion)
			continue
		}
		fmt.Println(s)
	}
	n := 0
	for name := range contact.Timezones() {
		if strings.HasPrefix(name, "Antarctica/") {
			n++
		}
	}
	fmt.Println(n > 0, len(contact.TZDBVersion))
	// Output:
	// America/Chicago
	// UTC
	// america/chicago is none; "America/Chicago"?
	// America/Chicgo is none; "America/Chicago"?
	// +05:00 is none; ""?
	// true 5
}

// An Object is the text of a JSON object, with its numbers digit for digit.
func ExampleObject() {
	var o contact.Object
	err := json.Unmarshal([]byte(`{ "ledger": 9007199254740993, "rate": 1.50 }`), &o)
	fmt.Println(o, err)

	text, err := json.Marshal(map[string]contact.Object{"meta": o, "none": ""})
	fmt.Println(string(text), err)
	_, err = contact.Object(`{"a":1,"a":2}`).MarshalJSON()
	fmt.Println(err)
	// Output:
	// {"ledger":9007199254740993,"rate":1.50} <nil>
	// {"meta":{"ledger":9007199254740993,"rate":1.50},"none":{}} <nil>
	// contact: an object that is not valid JSON
}

// A team holds meta_public to a JSON Schema of its own.
func ExampleOptions_meta() {
	file, err := jsonschema.UnmarshalJSON(strings.NewReader(`{
		"properties": {
			"score": {"type": "number", "maximum": 100},
			"owner": {"$ref": "https://partner-contacts.github.io/contact/contact.schema.json#/$defs/id"}
		},
		"required": ["source"]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	compiler := schema.NewCompiler()
	if err := compiler.AddResource("https://example.org/meta.json", file); err != nil {
		fmt.Println(err)
		return
	}
	compiled, err := compiler.Compile("https://example.org/meta.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	rules := contact.Options{CheckMeta: schema.MetaChecker(compiled)}

	patch, err := rules.ParsePatch([]byte(`{"meta_public": {"score": 120, "owner": "Ana", "source": null}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = rules.Merge(okafor(), patch, time.Now())
	var errs contact.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			fmt.Println(e.Rule, e.Pointer)
		}
	}
	// Output:
	// meta /meta_public/score
	// meta /meta_public/owner
	// required /meta_public/source
}

// A date and an object go into a column and come out of one; what they hold is checked both ways.
func ExampleDate_Scan() {
	var born contact.Date
	if err := born.Scan("1990-02-28"); err != nil { // as database/sql does it
		fmt.Println(err)
		return
	}
	column, err := born.Value()
	fmt.Println(column, err)
	fmt.Println(born.Scan("1990-02-30"), born)
	// Output:
	// 1990-02-28 <nil>
	// contact: a date or a time that does not exist, or not in the years 0000 to 9999 1990-02-28
}

func ExampleObject_Scan() {
	var meta contact.Object
	if err := meta.Scan([]byte(`{"ledger": 9007199254740993}`)); err != nil {
		fmt.Println(err)
		return
	}
	column, err := meta.Value()
	fmt.Println(column, err)
	fmt.Println(meta.Scan("[]"))
	// Output:
	// {"ledger":9007199254740993} <nil>
	// contact: an object that is not valid JSON
}

// What a store holds may be broken: that is the service's fault, and its log's, never a client's.
func ExampleStoreError() {
	_, err := contact.ParseStored([]byte(`{"id": "7", "name_first": "Marta"}`))
	var errs contact.Errors
	fmt.Println("a client's fault:", errors.As(err, &errs))
	var stored *contact.StoreError
	if errors.As(err, &stored) {
		fmt.Println("the first fault is at", stored.Errors()[0].Pointer)
		fmt.Println(len(stored.Error()) > 0)
	}
	_, err = contact.ParseStored([]byte(`[]`))
	fmt.Println(err)
	// Output:
	// a client's fault: false
	// the first fault is at /id
	// true
	// contact: in the stored document: Send a JSON object.
}

// A service says with the library's own texts what only its database knows.
func ExampleNewError() {
	taken := contact.NewError(contact.RuleImmutable, "/unique_id")
	taken.Detail = "Send another unique_id: a contact of the team has this one."
	fmt.Println(string(contact.Errors{taken}.AppendJSON(nil)))
	// Output:
	// {"errors":[{"code":"validation_failed","title":"Field cannot change","detail":"Send another unique_id: a contact of the team has this one.","source":{"pointer":"/unique_id"},"meta":{"rule":"immutable"}}]}
}

// The faults of a program are told apart from those of a client.
func ExampleContact_MarshalJSON() {
	c := okafor()
	c.Birthdate = &contact.Date{Year: 1990, Month: 2, Day: 30}
	_, err := c.MarshalJSON()
	fmt.Println(errors.Is(err, contact.ErrTime), errors.Is(err, contact.ErrText), errors.Is(err, contact.ErrText))
	_, _, err = contact.Merge(c, nil, time.Time{})
	fmt.Println(errors.Is(err, contact.ErrNil))
	o := contact.Options{VersionResolution: 3 * time.Microsecond} // in the end it would not fit a second
	_, _, err = o.Merge(okafor(), new(contact.Patch), time.Time{})
	fmt.Println(errors.Is(err, contact.ErrResolution))
	// Output:
	// true false false
	// true
	// true
}

// What kinds of values contacts have, and how many fields of each.
func ExampleField_Kind() {
	byKind := make(map[contact.Kind]contact.FieldSet)
	for f := range contact.AllFields.All() {
		byKind[f.Kind()] |= contact.FieldsOf(f)
	}
	fmt.Println(byKind[contact.KindIDs], "of kind", contact.KindIDs)
	// Output:
	// active_journey_ids of kind ids
}

// A limit a little above the standard one.
func ExampleOptions_limits() {
	o := contact.Options{
		MaxBytes:    2 << 20,
		MaxDepth:    32,
		MaxErrors:   10,
		MaxMeta:     512 << 10,
		MaxDocument: 4 << 20,
	}
	fmt.Println(o.Check([]byte(strings.Repeat("[", 33))))
	// Output:
	// contact: Arrays and objects are nested too deeply here. (at byte 32)
}

// A GET answers with the tag, and with 304 to a client that has this version already.
func ExampleParseCondition() {
	stored := time.Date(2026, 5, 17, 8, 2, 45, 120004000, time.UTC) // updated_at
	read := func(header http.Header) int {
		c := contact.ParseCondition("", header.Get("If-None-Match"), "")
		if c.NotModified(stored) {
			return http.StatusNotModified
		}
		return http.StatusOK
	}
	tag := contact.ETag(stored)
	fmt.Println(tag)
	fmt.Println(read(http.Header{}), read(http.Header{"If-None-Match": {tag}}))
	// Output:
	// "2026-05-17T08:02:45.120004Z"
	// 200 304
}
