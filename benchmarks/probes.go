package main

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

// A probe is a question that the benchmark puts to every contender, so that
// the report can say what each does not do. It is answered by running it.
type probe struct {
	key, about string
	holds      func(c *contender, b *bodies.Set) bool
}

// patchProbes are asked of all that judge the body of an update.
var patchProbes = []probe{
	{"types", "a string or a number for a boolean, a number for a string, null inside an array are refused", verdicts(nil,
		`{"sms_opted_in":"true"}`, `{"sms_opted_in":1}`, `{"name_first":42}`, `{"completed_objective_keys":[null]}`, `{"meta_public":[]}`)},
	{"names", "an unknown member is refused, and so is a known one in another case", verdicts(nil,
		`{"name_frist":"Ana"}`, `{"NAME_FIRST":"Ana"}`, `{"\u017fms_opted_in":true}`)},
	{"duplicates", "a repeated member name is refused, also in meta_public and in another spelling", verdicts(nil,
		`{"sms_opted_in":true,"sms_opted_in":false}`, `{"meta_public":{"a":1,"\u0061":2}}`)},
	{"null", "null clears an optional field and is refused for a required one", verdicts(
		[]string{`{"phone_home":null}`}, `{"sms_opted_in":null}`, `{"active_journey_ids":null}`, `{"meta_public":null}`)},
	{"ids", "UUIDs of version 4 in either case; other versions and spellings are refused", verdicts(
		[]string{`{"team_id":"0B9D8C7E-6F5A-4B3C-8D2E-1F0A9B8C7D6E"}`},
		`{"team_id":"0b9d8c7e-6f5a-1b3c-8d2e-1f0a9b8c7d6e"}`, `{"team_id":"0b9d8c7e6f5a4b3c8d2e1f0a9b8c7d6e"}`,
		`{"team_id":"urn:uuid:0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`, `{"team_id":"00000000-0000-0000-0000-000000000000"}`)},
	{"dates", "days that exist, and no instants", verdicts(
		[]string{`{"birthdate":"2000-02-29"}`},
		`{"birthdate":"1990-02-30"}`, `{"birthdate":"1900-02-29"}`, `{"birthdate":"1990-02-28T00:00:00Z"}`)},
	{"timestamps", "RFC 3339 to the letter: the leap second and lower case, no comma, space, one-digit hour or offset +24:00", verdicts(
		[]string{`{"last_seen_at":"1990-12-31T23:59:60Z"}`, `{"last_seen_at":"2024-01-02t03:04:05z"}`},
		`{"last_seen_at":"2024-01-02T03:04:05,5Z"}`, `{"last_seen_at":"2024-01-02 03:04:05Z"}`,
		`{"last_seen_at":"2024-01-02T3:04:05Z"}`, `{"last_seen_at":"2024-01-02T03:04:05+24:00"}`)},
	{"timezones", "names of tzdb, exact; offsets and abbreviations are refused (with the list of names from this library's schema)", verdicts(
		[]string{`{"timezone":"America/Chicago"}`, `{"timezone":"UTC"}`, `{"timezone":"Etc/GMT+5"}`},
		`{"timezone":"america/chicago"}`, `{"timezone":"PST"}`, `{"timezone":"+05:00"}`, `{"timezone":"Local"}`, `{"timezone":""}`)},
	{"UTF-8", "bytes that are not UTF-8 and lone surrogates are refused", verdicts(nil,
		"{\"name_first\":\"\xff\"}", `{"name_first":"\ud800"}`)},
	{"one value", "nothing but one JSON object: no second value, no empty body, no byte order mark, no array, no null", verdicts(
		[]string{`{}`, " {} \n"}, `{}{}`, `{}]`, ``, "\ufeff{}", `[]`, `null`)},
	{"depth", "a body nested 1,000 deep is refused", verdicts(nil,
		`{"meta_public":{"a":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`}}`)},
}

// faultProbes are asked of all that judge a whole contact.
var faultProbes = []probe{
	{"missing", "a required field that is absent is refused", func(c *contender, b *bodies.Set) bool {
		return slices.IndexFunc([]string{"team_id", "sms_opted_in", "active_journey_ids", "updated_at"}, func(name string) bool {
			return c.full(without(b.Whole, name)) == nil
		}) < 0
	}},
	{"all faults", "the error names all five faults of the faulty body", func(c *contender, b *bodies.Set) bool {
		return faultsListed(c, b) == len(bodies.Faults)
	}},
	{"pointers", "it names each by the JSON Pointer of its member", func(c *contender, b *bodies.Set) bool {
		return faultsPointed(c, b) == len(bodies.Faults)
	}},
	{"private", "the text of the error holds no submitted value", func(c *contender, b *bodies.Set) bool {
		text := c.full(b.Faulty).Error()
		for _, f := range bodies.Faults {
			if strings.Contains(text, f.Value) {
				return false
			}
		}
		return true
	}},
}

// updateProbes are asked of all that do the whole update.
var updateProbes = []probe{
	{"RFC 7396", "null removes a member at any depth and is dropped from new objects; arrays stand as sent", func(c *contender, b *bodies.Set) bool {
		for _, patch := range []string{
			bodies.Patch, `{}`, `{"email":null}`,
			`{"meta_public":{"prefs":{"language":null}}}`, `{"meta_public":{"source":null,"new":{"x":null,"y":1}}}`,
			`{"meta_public":{"prefs":"none"}}`, `{"meta_public":{"score":{"a":{"b":null}}}}`, `{"meta_public":{"list":[{"kind":"call","answer":null}]}}`,
		} {
			got, err := c.update(b.Whole, []byte(patch))
			if err != nil || !sameContact(got, mergePatch(decode(b.Whole), decode([]byte(patch)))) {
				return false
			}
		}
		return true
	}},
	{"digits", "numbers keep their text: 9007199254740993, 12.50, 1e400", func(c *contender, b *bodies.Set) bool {
		got, err := c.update(b.Whole, []byte(`{"meta_public":{"huge":1e400,"one":1.0}}`))
		for _, want := range []string{`"score":12.50`, `"ledger":9007199254740993`, `"huge":1e400`, `"one":1.0`} {
			if err != nil || !bytes.Contains(got, []byte(want)) {
				return false
			}
		}
		return true
	}},
	{"order", "members of meta_public stay in their order, every time", func(c *contender, b *bodies.Set) bool {
		for range 50 { // what goes through a map comes out in order now and then
			got, err := c.update(b.Whole, []byte(`{"meta_public":{"aaa":1,"score":2}}`))
			var at []int
			for _, name := range []string{`"source":`, `"score":`, `"ledger":`, `"prefs":`, `"aaa":`} {
				at = append(at, bytes.Index(got, []byte(name)))
			}
			if err != nil || at[0] < 0 || !slices.IsSorted(at) {
				return false
			}
		}
		return true
	}},
	{"null refused", "null for a required field is an error", refuses(`{"sms_opted_in":null}`)},
	{"identity", "another id, team or creation time is an error", refuses(
		`{"id":"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"}`, `{"team_id":"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"}`, `{"inserted_at":"2020-01-01T00:00:00Z"}`)},
	{"stale", "an update of an older version is an error", refuses(`{"updated_at":"2026-01-01T00:00:00Z","city":"Oak Park"}`)},
	{"stamp", "the merged contact has a later updated_at", func(c *contender, b *bodies.Set) bool {
		got, err := c.update(b.Whole, []byte(bodies.Patch))
		return err == nil && decode(got).(map[string]any)["updated_at"] != decode(b.Whole).(map[string]any)["updated_at"]
	}},
}

// verdicts holds for a contender that accepts all of the first bodies and
// refuses all of the others.
func verdicts(accepted []string, refused ...string) func(*contender, *bodies.Set) bool {
	return func(c *contender, _ *bodies.Set) bool {
		for _, body := range accepted {
			if c.patch([]byte(body)) != nil {
				return false
			}
		}
		for _, body := range refused {
			if c.patch([]byte(body)) == nil {
				return false
			}
		}
		return true
	}
}

// refuses holds for a contender that updates with none of the patches.
func refuses(patches ...string) func(*contender, *bodies.Set) bool {
	return func(c *contender, b *bodies.Set) bool {
		for _, patch := range patches {
			if _, err := c.update(b.Whole, []byte(patch)); err == nil {
				return false
			}
		}
		return true
	}
}

// faultsListed is how many of the five faults a contender's error names, in
// whatever spelling: by the field or, for an unknown member, its parent.
func faultsListed(c *contender, b *bodies.Set) int {
	return countFaults(c, b, func(place, pointer string) bool {
		return strings.Contains(place, pointer[1:]) || pointer == "/countie" && (place == "" || place == "/")
	})
}

// faultsPointed is how many it names by their JSON Pointer.
func faultsPointed(c *contender, b *bodies.Set) int {
	return countFaults(c, b, func(place, pointer string) bool { return place == pointer })
}

func countFaults(c *contender, b *bodies.Set, matches func(place, pointer string) bool) int {
	places := c.list(nil, c.full(b.Faulty))
	n := 0
	for _, f := range bodies.Faults {
		if slices.ContainsFunc(places, func(place string) bool { return matches(place, f.Pointer) }) {
			n++
		}
	}
	return n
}

// without is a compact object less one member.
func without(body []byte, name string) []byte {
	v := decode(body).(map[string]any)
	delete(v, name)
	return text(v)
}

// decode reads JSON with its numbers as they stand.
func decode(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil && err != io.EOF {
		return nil
	}
	return v
}

// mergePatch is RFC 7396, section 2, as it is written there.
func mergePatch(target, patch any) any {
	members, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, value := range members {
		if value == nil {
			delete(object, name)
		} else {
			object[name] = mergePatch(object[name], value)
		}
	}
	return object
}

// sameContact compares a contact's JSON to a decoded one, numbers by value
// and updated_at left out, which some stamp and others leave.
func sameContact(got []byte, want any) bool {
	a, ok := decode(got).(map[string]any)
	if !ok {
		return false
	}
	b := want.(map[string]any)
	delete(a, "updated_at")
	delete(b, "updated_at")
	return reflect.DeepEqual(floats(a), floats(b))
}

// floats is a decoded value with its numbers as float64, for a comparison
// that leaves their spelling to the probe "digits".
func floats(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case map[string]any:
		for name := range v {
			v[name] = floats(v[name])
		}
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	}
	return v
}
