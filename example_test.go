package contact_test

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
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

// A queue consumer that tries again writes an error to its log only if it is another one than before.
func ExampleErrors_Is() {
	var last error
	for _, body := range []string{`{"city":1}`, `{"city":2}`, `{"city":"Oslo","state":3}`} {
		err := contact.CheckPatch([]byte(body))
		if !errors.Is(err, last) { // err != last would panic: an Errors is a slice
			fmt.Println(err)
		}
		last = err
	}
	// Output:
	// contact: /city: Send a string in double quotes.
	// contact: /state: Send a string in double quotes.
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

// A customer is a contact with a field of the service's own, in one JSON object. The contact has a
// name here: embedded, its MarshalJSON would become that of the customer and drop the nickname.
type customer struct {
	Contact  contact.Contact
	Nickname string
}

// MarshalJSON writes the nickname among the members that the library does not know.
func (c customer) MarshalJSON() ([]byte, error) {
	members, err := c.others()
	if err != nil {
		return nil, err
	}
	if members["nickname"], err = json.Marshal(c.Nickname); err != nil {
		return nil, err
	}
	text, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	c.Contact.UnknownMembers = contact.Object(text)
	return c.Contact.MarshalJSON()
}

// UnmarshalJSON reads a stored customer. Members that nobody knows are kept.
func (c *customer) UnmarshalJSON(text []byte) error {
	next := *c
	if err := next.Contact.UnmarshalJSON(text); err != nil {
		return err
	}
	members, err := next.others()
	if err != nil {
		return err
	}
	next.Nickname = ""
	if text, ok := members["nickname"]; ok {
		if err := json.Unmarshal(text, &next.Nickname); err != nil {
			return err
		}
	}
	*c = next
	return nil
}

// others returns the members of the document that are no fields of a contact.
func (c *customer) others() (map[string]json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	if c.Contact.UnknownMembers == "" {
		return members, nil
	}
	return members, json.Unmarshal([]byte(c.Contact.UnknownMembers), &members)
}

// A contact is a named field of another type. Embedded, its methods would hide the other fields.
func ExampleContact_embedded() {
	document := string(okafor().AppendJSON(nil))
	stored := document[:len(document)-1] + `,"nickname":"Mari","tags":["vip"]}`

	named := struct {
		Contact  contact.Contact `json:"contact"`
		Nickname string          `json:"nickname"`
	}{*okafor(), "Mari"}
	text, err := json.Marshal(named)
	fmt.Println(strings.HasSuffix(string(text), `},"nickname":"Mari"}`), err)

	var c customer
	if err := json.Unmarshal([]byte(stored), &c); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*c.Contact.NameFirst, c.Nickname)
	c.Nickname = "Mimi"
	text, err = json.Marshal(c)
	_, own, _ := strings.Cut(string(text), `,"nickname":`)
	fmt.Println(own, err)
	// Output:
	// true <nil>
	// María Mari
	// "Mimi","tags":["vip"]} <nil>
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

// Two copies of a contact were edited apart. The values that both changed differently are for a person to decide.
func ExampleMerge3() {
	base := okafor()
	ours, theirs := base.Clone(), base.Clone()
	*ours.City, *ours.PhoneMobile = "Oak Park", "+1 708 555 0101"
	*theirs.City, *theirs.Email = "Cicero", "m.okafor@example.org"

	merged, conflicts, err := contact.Merge3(base, ours, theirs, func(c contact.Conflict) (keepOurs bool) {
		fmt.Printf("%s: %s or %s?\n", c.Pointer, c.Ours, c.Theirs)
		return true // says the person
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(conflicts), *merged.City, *merged.PhoneMobile, *merged.Email)
	// Output:
	// /city: "Oak Park" or "Cicero"?
	// 1 Oak Park +1 708 555 0101 m.okafor@example.org
}

// A form has loaded a contact, and a person has edited it; meanwhile somebody else has saved a change. The update is
// stale. Rebase brings both changes together and leaves only the real conflicts to the person.
func ExamplePatch_Rebase() {
	base := okafor() // the contact that the form loaded
	patch, err := contact.NewPatch().
		Set(contact.FieldCity, "Oak Park").
		Set(contact.FieldPhoneMobile, "+1 708 555 0101").
		Set(contact.FieldSMSOptedIn, true). // once more, on purpose: base has it
		Set(contact.FieldUpdatedAt, base.UpdatedAt).
		Patch()
	if err != nil {
		fmt.Println(err)
		return
	}

	theirs := base.Clone() // the contact stored in the meantime
	*theirs.City, *theirs.Email, theirs.SMSOptedIn = "Cicero", "m.okafor@example.org", false
	theirs.UpdatedAt = base.UpdatedAt.Add(time.Minute)

	_, _, err = contact.Merge(theirs, patch, time.Now())
	fmt.Println(err.(contact.Errors).Status(), err.(contact.Errors)[0].Rule)

	rebased, _, err := patch.Rebase(base, theirs, func(c contact.Conflict) (keepOurs bool) {
		if c.Repeated && !contact.ConsentFields.Has(c.Field) {
			return false // the form sends what it showed
		}
		fmt.Printf("%s: %s or %s?\n", c.Pointer, c.Ours, c.Theirs)
		return true // says the person
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", rebased.AppendJSON(nil))
	stored, changed, err := contact.Merge(theirs, rebased, time.Now())
	fmt.Println(changed, err)

	// After another update, the same patch is stale again.
	_, _, err = contact.Merge(stored, rebased, time.Now())
	fmt.Println(err.(contact.Errors)[0].Rule)
	// Output:
	// 409 stale
	// /city: "Oak Park" or "Cicero"?
	// /sms_opted_in: true or false?
	// {"phone_mobile":"+1 708 555 0101","city":"Oak Park","sms_opted_in":true,"updated_at":"2026-05-17T08:03:45.120004Z"}
	// phone_mobile,city,sms_opted_in,updated_at <nil>
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

	// RequireComplete requires a patch to be a complete contact.
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
	fmt.Println(err)
	// Output:
	// true false false
	// true
	// contact: a resolution that does not divide a second
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

// database/sql scans a column into Ptr's result. Here its interface is called as Rows.Scan calls it.
func ExampleContact_Ptr() {
	var c contact.Contact
	city := c.Ptr(contact.FieldCity).(sql.Scanner)
	fmt.Println(city.Scan("Oslo"), *c.City)
	fmt.Println(city.Scan(nil), c.City == nil)
	fmt.Println(c.Ptr(contact.FieldID).(sql.Scanner).Scan(nil))
	// Output:
	// <nil> Oslo
	// <nil> true
	// contact: in the stored document: /id: Send a value: this field is required and cannot be cleared.
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
			translated, missing := errs.Translate(translate)
			fmt.Println(translated[0].Title(), "–", translated[0].Detail, missing)
		}
	}

	// The keys that still need a translation, the most important first.
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
	// Tipo no válido – Envíe true o false, sin comillas. []
	// Cuerpo demasiado grande – Envíe como máximo 4 bytes. []
	// Unknown field – Remove this member or correct its name: a contact has no such field. [unknown]
	// To do: required: Field is required – Send this field: every contact has it.
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

// A store stands for the service's database.
type store struct {
	sync.Mutex
	contacts map[contact.ID]*contact.Contact
}

// ServeHTTP is the whole operation: PATCH /v2/partner/contacts/{id}.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One byte over the library's limit is enough for it to refuse the body.
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20+1))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest) // the client has gone, as a rule
		return
	}
	update, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID:            r.PathValue("id"),
		Scopes:            strings.Fields(r.Header.Get("X-Scopes")), // what the authentication found out
		ContentType:       header(r, "Content-Type"),
		ContentEncoding:   header(r, "Content-Encoding"),
		IdempotencyKey:    header(r, "Idempotency-Key"),
		IfMatch:           header(r, "If-Match"),
		IfNoneMatch:       header(r, "If-None-Match"),
		IfUnmodifiedSince: header(r, "If-Unmodified-Since"),
		Body:              body,
	})
	if err != nil {
		refuse(w, err)
		return
	}
	s.Lock()
	defer s.Unlock()
	existing, ok := s.contacts[update.ID]
	if !ok {
		http.NotFound(w, r)
		return
	}
	merged, changed, err := contact.Merge(existing, update.Patch, time.Now())
	if err == nil {
		err = update.Condition.Check(existing.UpdatedAt)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	if changed != 0 {
		s.contacts[update.ID] = merged
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", contact.ETag(merged.UpdatedAt))
	w.Write(merged.AppendJSON(nil))
}

// header is a header field's value, whose lines net/http does not join.
func header(r *http.Request, name string) string {
	return strings.Join(r.Header.Values(name), ", ")
}

// refuse answers with what is wrong. An error that is no Errors is the service's own fault.
func refuse(w http.ResponseWriter, err error) {
	var errs contact.Errors
	if !errors.As(err, &errs) {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(errs.Status())
	w.Write(errs.AppendJSON(nil))
}

// A handler: read the request, load the contact, merge, save it if anything changed, answer.
func ExampleParseUpdate() {
	body, err := os.ReadFile("testdata/contact.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, err := contact.ParseStored(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", &store{contacts: map[contact.ID]*contact.Contact{stored.ID: stored}})

	send := func(scope, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/"+stored.ID.String(), strings.NewReader(body))
		r.Header.Set("X-Scopes", scope)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}

	w := send("partner:contacts:*", `{"city": "Oak Park", "phone_home": null, "meta_public": {"score": 13}}`)
	var after contact.Contact
	if err := json.Unmarshal(w.Body.Bytes(), &after); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Code, *after.City, after.PhoneHome == nil, after.MetaPublic)

	for _, w := range []*httptest.ResponseRecorder{
		send("partner:contacts:read", `{}`),
		send(contacthttp.ScopeUpdate, `{"city": "Oak Park"`),
		send(contacthttp.ScopeUpdate, `{"birthdate": "1990-02-30", "sms_opted_in": "yes"}`),
		send(contacthttp.ScopeUpdate, `{"updated_at": "2026-05-17T08:02:45.120004Z", "city": "Cicero"}`),
	} {
		var envelope struct {
			Errors []struct {
				Code   contact.Code
				Source struct{ Pointer string }
				Meta   struct{ Rule contact.Rule }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil {
			fmt.Println(err)
			return
		}
		for _, e := range envelope.Errors {
			fmt.Printf("%d %s %s %q\n", w.Code, e.Code, e.Meta.Rule, e.Source.Pointer)
		}
	}
	// Output:
	// 200 Oak Park true {"source":"spring-2026","score":13,"ledger":9007199254740993,"prefs":{"language":"es","channels":["sms","email"]}}
	// 401 scope_missing scope ""
	// 400 malformed_json syntax ""
	// 422 validation_failed date "/birthdate"
	// 422 validation_failed type "/sms_opted_in"
	// 409 stale_update stale "/updated_at"
}
