package contracttest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/row"
)

// TestZeroContact: a contact made by hand is written with what its zero values stand for.
func TestZeroContact(t *testing.T) {
	zero := map[contact.Kind]string{
		contact.KindID: `"00000000-0000-0000-0000-000000000000"`, contact.KindConstant: `"contact"`, contact.KindBoolean: "false",
		contact.KindObject: "{}", contact.KindTimestamp: `"0001-01-01T00:00:00Z"`, contact.KindIDs: "[]", contact.KindStrings: "[]",
	}
	var want string
	for f := range contact.RequiredFields.All() {
		want += `,"` + f.String() + `":` + zero[f.Kind()]
	}
	want = "{" + want[1:] + "}"
	var c contact.Contact
	require.Equal(t, want, string(c.AppendJSON(nil)))
	require.Equal(t, "x"+want, string(c.AppendJSON([]byte("x"))), "appended")
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, want, string(text))
	text, err = json.Marshal(map[string]any{"value": c, "pointer": &c})
	require.NoError(t, err)
	require.Equal(t, `{"pointer":`+want+`,"value":`+want+`}`, string(text))
}

func TestMarshalRefuses(t *testing.T) {
	year := func(y int) time.Time { return time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC) }
	for field, spoil := range map[string]func(c *contact.Contact){
		"unique_id":                func(c *contact.Contact) { c.UniqueID = pointer("\xff") },
		"country":                  func(c *contact.Contact) { c.Country = pointer("a\xc0\x80") },
		"timezone":                 func(c *contact.Contact) { c.Timezone = pointer("\xed\xa0\x80") },
		"birthdate":                func(c *contact.Contact) { c.Birthdate = &contact.Date{Year: 1990, Month: 2, Day: 30} },
		"meta_public":              func(c *contact.Contact) { c.MetaPublic = "[]" },
		"inserted_at":              func(c *contact.Contact) { c.InsertedAt = year(10000) },
		"updated_at":               func(c *contact.Contact) { c.UpdatedAt = year(-1) },
		"last_seen_at":             func(c *contact.Contact) { c.LastSeenAt = pointer(year(10000)) },
		"completed_objective_keys": func(c *contact.Contact) { c.CompletedObjectiveKeys = []string{"a", "\xff"} },
	} {
		t.Run(row.Name(field), func(t *testing.T) {
			c := SampleContact(t)
			spoil(c)
			_, err := c.MarshalJSON()
			require.ErrorContains(t, err, ": "+field)
			_, err = json.Marshal(c)
			require.Error(t, err, field)
		})
	}

	// What JSON can carry is not judged: an id of another version, a timezone that is none.
	c := SampleContact(t)
	c.ID, c.Timezone = contact.ID{}, pointer("Mars")
	c.InsertedAt, c.UpdatedAt = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	text, err := c.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(c.AppendJSON(nil)), string(text))

	// The years are those in UTC.
	c.UpdatedAt = time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 60))
	_, err = c.MarshalJSON()
	require.Error(t, err)
	c.UpdatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.FixedZone("", 60))
	text, err = c.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(text), `"updated_at":"9999-12-31T23:59:00Z"`)
}

func TestMarshalCompacts(t *testing.T) {
	c := SampleContact(t)
	c.MetaPublic = " { \"a\" : [ 1 , \" \" ] }\n"
	text, err := c.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(text), `"meta_public":{"a":[1," "]},"inserted_at"`)
	require.Equal(t, contact.Object(" { \"a\" : [ 1 , \" \" ] }\n"), c.MetaPublic, "the contact is left as it was")
	require.Contains(t, string(c.AppendJSON(nil)), "\"meta_public\": { \"a\" : [ 1 , \" \" ] }\n,", "AppendJSON writes it as it stands")
}

// TestAppendStrings: every byte of a string is written so that encoding/json reads it back, broken UTF-8 as U+FFFD.
func TestAppendStrings(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r < 0x300; r++ {
		all.WriteRune(r)
	}
	for _, s := range []string{
		all.String(), "\xff", "a\xffb", "\xe2\x82", "é\xc0\x80é", "\u2028\u2029", "😀\xf0\x9f\x98", "\x7f", `\`, `"`, "\n", "aaaaaaa\n", "aaaaaaaa\"", "aaaaaaaaaaaaaaaa\\aaaaaaa", "aaaaaaaaa\x1f", "aaaaaaaaaaa\xff",
	} {
		t.Run(row.Name(s), func(t *testing.T) {
			for pad := range 9 {
				s := strings.Repeat("p", pad) + s + strings.Repeat("q", pad)
				var c contact.Contact
				c.City, c.CompletedObjectiveKeys = &s, []string{s, "", s}
				var got struct {
					City string
					Keys []string `json:"completed_objective_keys"`
				}
				text := c.AppendJSON(nil)
				require.NoError(t, json.Unmarshal(text, &got), "%s", text)
				want := string([]rune(s)) // each broken byte becomes U+FFFD
				require.Equal(t, want, got.City)
				require.Equal(t, []string{want, "", want}, got.Keys)
				require.NotContains(t, string(text), `\u2028`, "what need not be escaped is not")
			}
		})
	}
}

func TestUnmarshalContact(t *testing.T) {
	stored := strings.Replace(minimalText, `{`, `{"name_first":null,"timezone":"Mars/Olympus_Mons","tags":[1],`, 1)
	var c contact.Contact
	require.NoError(t, json.Unmarshal([]byte(stored), &c), "null is absent, unknown members and old timezones are taken")
	require.Equal(t, "Mars/Olympus_Mons", *c.Timezone)
	require.Nil(t, c.NameFirst)
	before := *c.Clone()
	require.NoError(t, json.Unmarshal([]byte("null"), &c))
	require.Equal(t, before, c, "null leaves it as it is")
	require.Error(t, json.Unmarshal([]byte(`{}`), &c))
	require.Len(t, faults(t, c.UnmarshalJSON([]byte(`{}`))), contact.RequiredFields.Len())
	require.Equal(t, before, c, "an error leaves it as it is")
	require.NoError(t, json.Unmarshal([]byte(minimalText), &c))
	require.Equal(t, Minimal(t), &c, "all of it is replaced")
}

// TestClone: a clone is equal and shares nothing that either could change.
func TestClone(t *testing.T) {
	original := mustParse(t, contacttest.Sample())
	want := string(original.AppendJSON(nil))
	clone := original.Clone()
	require.Equal(t, original, clone)

	// Write over everything that can be reached through a pointer or a slice.
	v := reflect.ValueOf(clone).Elem()
	var shared, written int
	for f := range contact.AllFields.All() {
		switch optional := !contact.RequiredFields.Has(f); f.Kind() {
		case contact.KindIDs, contact.KindStrings:
			shared++
		default:
			if optional {
				shared++
			}
		}
	}
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Pointer:
			require.False(t, f.IsNil(), v.Type().Field(i).Name)
			f.Elem().SetZero()
			written++
		case reflect.Slice:
			require.NotZero(t, f.Len(), v.Type().Field(i).Name)
			f.Index(0).SetZero()
			written++
		}
	}
	require.Equal(t, shared, written)
	require.Equal(t, want, string(original.AppendJSON(nil)))

	require.Equal(t, new(contact.Contact), new(contact.Contact).Clone())
	require.NotNil(t, Minimal(t).Clone().ActiveJourneyIDs, "empty is not nil")
}

func TestObject(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1) }
	for in, want := range map[string]string{
		"": "{}", "{}": "{}", " {\t}\r\n": "{}", `{ "a" : 1.0 , "b" : " " }`: `{"a":1.0,"b":" "}`, `{"a":null}`: `{"a":null}`, deep(1000): deep(1000),
	} {
		t.Run(row.Name(in), func(t *testing.T) {
			text, err := contact.Object(in).MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, want, string(text))
		})
	}
	for _, in := range []string{" ", "null", "[]", `""`, "1", "{", "{}}", "{} {}", `{"a":1,"a":2}`, `{"a":{"b":1,"\u0062":2}}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{a:1}`, deep(1001), "\ufeff{}"} {
		t.Run(row.Name(in), func(t *testing.T) {
			_, err := contact.Object(in).MarshalJSON()
			require.ErrorIs(t, err, contact.ErrText, in)
			require.NotContains(t, err.Error(), "marker")
		})
	}

	var into struct{ O contact.Object }
	require.NoError(t, json.Unmarshal([]byte(`{"O": {"n" : 9007199254740993} }`), &into))
	require.Equal(t, contact.Object(`{"n":9007199254740993}`), into.O)
	require.NoError(t, json.Unmarshal([]byte(`{"O":null}`), &into))
	require.Equal(t, contact.Object(`{"n":9007199254740993}`), into.O, "null leaves it as it is")
	text := []byte(`{ "a":1}`)
	require.NoError(t, into.O.UnmarshalJSON(text))
	copy(text, "########")
	require.Equal(t, contact.Object(`{"a":1}`), into.O, "it keeps a copy")
	require.Equal(t, []string{"type /meta_public"}, faults(t, into.O.UnmarshalJSON([]byte(`[]`))))
	require.Equal(t, []string{"duplicate /meta_public/a"}, faults(t, into.O.UnmarshalJSON([]byte(`{"a":1,"a":1}`))))
	require.Equal(t, []string{"syntax "}, faults(t, into.O.UnmarshalJSON([]byte(`{`))))
	require.Equal(t, contact.Object(`{"a":1}`), into.O, "an error leaves it as it is")
}
