package contracttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/golden"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/schema"
)

func TestFieldSets(t *testing.T) {
	all := contact.WritableFields | contact.IdentityFields | contact.FieldsOf(contact.FieldUpdatedAt)
	require.Equal(t, contact.AllFields, all)
	require.Equal(t, len(schemaFields(t)), all.Len())
	golden.Check(t, "testdata/fields.txt", fmt.Sprintf("all: %v\nrequired: %v\nidentity: %v\nwritable: %v\nconsent: %v\n",
		all, contact.RequiredFields, contact.IdentityFields, contact.WritableFields, contact.ConsentFields))
	require.Zero(t, contact.WritableFields&(contact.IdentityFields|contact.FieldsOf(contact.FieldUpdatedAt)))
}

func TestFieldSet(t *testing.T) {
	s := contact.FieldsOf(contact.FieldTimezone, contact.FieldID, contact.FieldTimezone, contact.FieldCompletedObjectiveKeys)
	require.Equal(t, 3, s.Len())
	require.Equal(t, "id,timezone,completed_objective_keys", s.String())
	require.Equal(t, []contact.Field{contact.FieldID, contact.FieldTimezone, contact.FieldCompletedObjectiveKeys}, slices.Collect(s.All()))
	for f := range s.All() {
		require.Equal(t, contact.FieldID, f)
		break // All must stop when it is told to
	}
	require.True(t, s.Has(contact.FieldID) && s.Has(contact.FieldTimezone) && s.Has(contact.FieldCompletedObjectiveKeys))
	require.False(t, s.Has(contact.FieldType) || s.Has(contact.FieldCity))

	none := contact.FieldsOf()
	require.Zero(t, none)
	require.Empty(t, none.String())
	require.Empty(t, slices.Collect(none.All()))

	// Fields that do not exist are in no set.
	beyond := lastField + 1
	for _, f := range []contact.Field{beyond, 63, 64, 200, 255} {
		t.Run(row.Name(f), func(t *testing.T) {
			require.Zero(t, contact.FieldsOf(f))
			full := ^contact.FieldSet(0)
			require.False(t, full.Has(f))
			require.Equal(t, contact.AllFields.Len(), full.Len())
			require.Equal(t, slices.Collect(contact.AllFields.All()), slices.Collect(full.All()))
			require.Equal(t, "unknown", f.String())
			require.Equal(t, "unknown", f.Kind().String())
			require.Equal(t, []string{"unknown "}, faults(t, contact.Options{}.CheckField(f, []byte(`1`))))
		})
	}
}

func TestFieldByName(t *testing.T) {
	for f := contact.FieldID; f <= lastField; f++ {
		name := f.String()
		got, ok := contact.FieldByName(name)
		require.True(t, ok, name)
		require.Equal(t, f, got, name)
		// No other name is taken for this one: neither with a byte more, less or in another form.
		for i := range len(name) {
			for _, c := range []byte{0, ' ', '_', 'x', 'A', 0xff, name[i] ^ 0x20} {
				for _, other := range []string{name[:i] + string(rune(c)) + name[i+1:], name[:i] + string([]byte{c}) + name[i:], name[:i] + name[i+1:]} {
					if g, ok := contact.FieldByName(other); ok {
						require.Equal(t, other, g.String())
					}
				}
			}
		}
	}
	for _, name := range []string{"", "\x00", "i", "ids", "unknown", "ſms_opted_in"} {
		t.Run(row.Name(name), func(t *testing.T) {
			_, ok := contact.FieldByName(name)
			require.False(t, ok, "%q", name)
		})
	}
}

func TestParseFieldSet(t *testing.T) {
	for text, want := range map[string]contact.FieldSet{
		"":                              0,
		"id":                            contact.FieldsOf(contact.FieldID),
		"name_first,timezone":           contact.FieldsOf(contact.FieldNameFirst, contact.FieldTimezone),
		"timezone,name_first":           contact.FieldsOf(contact.FieldNameFirst, contact.FieldTimezone),
		contact.RequiredFields.String(): contact.RequiredFields,
		contact.WritableFields.String(): contact.WritableFields,
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			got, err := contact.ParseFieldSet(text)
			require.NoError(t, err, text)
			require.Equal(t, want, got, text)
		})
	}
	for text, want := range map[string][]string{
		",":                {"unknown /", "unknown /"},
		"id,":              {"unknown /"},
		",id":              {"unknown /"},
		"id, type":         {"unknown / type"},
		"ID":               {"unknown /ID"},
		"id,*":             {"unknown /*"},
		"meta_public.a":    {"unknown /meta_public.a"},
		"/id~":             {"unknown /~1id~0"},
		"id,id":            {"duplicate /id"},
		"id,x,id,timezone": {"unknown /x", "duplicate /id"},
		"id;type":          {"unknown /id;type"},
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			got, err := contact.ParseFieldSet(text)
			require.Equal(t, want, faults(t, err), text)
			require.Zero(t, got, text)
		})
	}
	_, err := contact.ParseFieldSet("first_name,nam_first,zzzz")
	require.Len(t, err, 3)
	errs := err.(contact.Errors)
	require.Equal(t, "name_first", errs[0].Meta.Suggestion)
	require.Equal(t, "name_first", errs[1].Meta.Suggestion)
	require.Empty(t, errs[2].Meta.Suggestion)
}

// TestSuggestions: the name that differs only in case and separators, else in the fewest characters, else in the order
// of its words.
func TestSuggestions(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "Id": "id", "i_d": "id", "nameFirst": "name_first", "NameFirst": "name_first", "name-first": "name_first", "name.first": "name_first",
		"name first": "name_first", "active-journey-ids": "active_journey_ids", "active.journey.ids": "active_journey_ids", "active journey ids": "active_journey_ids", "namefirst": "name_first", "NAME_FIRST": "name_first", "__name_first__": "name_first",
		"name_frist": "name_first", "name_firs": "name_first", "name_firstt": "name_first", "nme_first": "name_first", "nane_first": "name_first",
		"first_name": "name_first", "last_name": "name_last", "First_Name": "name_first", "home_phone": "phone_home",
		"emial": "email", "e-mail": "email", "mail": "email", "emails": "email",
		"time_zone": "timezone", "timeZone": "timezone", "tomezone": "timezone", "birth_date": "birthdate", "birthday": "birthdate",
		"postcode": "post_code", "post-code": "post_code", "zip": "", "active_journeys_ids": "active_journey_ids", "active_journey_id": "active_journey_ids",
		"adress": "address", "address1": "address", "address_2": "address2", "address3": "address", "countri": "country", "contry": "country", "smsOptedIn": "sms_opted_in",
		"sms_opted_out": "", "email_opted_out": "", "opted_in": "", "": "", "_": "", "x": "", "_first": "", "name_": "", "di": "", "ix": "", "xd": "", "idx": "id", "tpye": "type", "sttae": "state", "typo": "type", "tags": "", "favourite_colour": "",
		"ſms_opted_in": "sms_opted_in", "completed_objective_key": "completed_objective_keys", "Completed Objective Keys": "completed_objective_keys",
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			_, err := contact.ParseFieldSet("id," + name)
			require.Len(t, err, 1, name)
			require.Equal(t, want, err.(contact.Errors)[0].Meta.Suggestion, "for %q", name)
		})
	}
}

// TestFieldMaskErrors: a field mask has as many errors as a body.
func TestFieldMaskErrors(t *testing.T) {
	_, err := contact.ParseFieldSet(strings.Repeat(",", 1<<20))
	require.Len(t, err, 101)
	require.Equal(t, contact.RuleTruncated, err.(contact.Errors)[100].Rule)
}

// schemaFields returns the properties of a contact in the schema.
func schemaFields(t *testing.T) []member {
	text, err := schema.FS.ReadFile("contact.schema.json")
	require.NoError(t, err)
	var file struct{ Properties json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &file))
	return members(file.Properties)
}

// TestFieldValues: the strings that a field allows are valid, and no others.
func TestFieldValues(t *testing.T) {
	require.Equal(t, []string{"contact"}, contact.FieldType.Values())
	for f := range contact.AllFields.All() {
		enum := f.Kind() == contact.KindConstant || f.Kind() == contact.KindEnum
		require.Equal(t, enum, f.Values() != nil, f)
		for _, v := range f.Values() {
			text, err := json.Marshal(v)
			require.NoError(t, err)
			require.NoError(t, contact.Options{}.CheckField(f, text))
			err = contact.Options{}.CheckField(f, []byte(`"no such"`))
			require.Equal(t, []string{"enum /" + f.String()}, faults(t, err))
			require.Contains(t, err.Error(), string(text), "the error names the values")
			f.Values()[0] = "changed"
			require.NoError(t, contact.Options{}.CheckField(f, text), "the result is a copy")
		}
	}
	require.Nil(t, (lastField + 1).Values())
}
