package contact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

func TestFieldSets(t *testing.T) {
	all := contact.WritableFields | contact.IdentityFields | contact.FieldsOf(contact.FieldUpdatedAt)
	require.Equal(t, 35, all.Len())
	require.Equal(t, "id,type,team_id,unique_id,name_first,name_last,name_title,name_suffix,email,phone_home,phone_mobile,phone_work,"+
		"address,address2,city,state,post_code,county,country,birthdate,timezone,sms_verified,sms_opted_in,sms_authorized,sms_unsubscribed,"+
		"email_verified,email_opted_in,email_authorized,email_unsubscribed,meta_public,inserted_at,updated_at,last_seen_at,active_journey_ids,"+
		"completed_objective_keys", all.String(), "the order of the reference page")
	require.Equal(t, "id,type,team_id,inserted_at", contact.IdentityFields.String())
	require.Equal(t, "id,type,team_id,sms_verified,sms_opted_in,sms_authorized,sms_unsubscribed,email_verified,email_opted_in,email_authorized,"+
		"email_unsubscribed,meta_public,inserted_at,updated_at,active_journey_ids,completed_objective_keys", contact.RequiredFields.String())
	require.Equal(t, "sms_opted_in,sms_authorized,sms_unsubscribed,email_opted_in,email_authorized,email_unsubscribed", contact.ConsentFields.String())
	require.Equal(t, 30, contact.WritableFields.Len())
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
	beyond := contact.FieldCompletedObjectiveKeys + 1
	for _, f := range []contact.Field{beyond, 63, 64, 200, 255} {
		require.Zero(t, contact.FieldsOf(f))
		full := ^contact.FieldSet(0)
		require.False(t, full.Has(f))
		require.Equal(t, 35, full.Len())
		require.Len(t, slices.Collect(full.All()), 35)
		require.Equal(t, "unknown", f.String())
		require.Equal(t, "unknown", f.Kind().String())
		require.Equal(t, []string{"unknown "}, faults(t, contact.CheckField(f, []byte(`1`))))
	}
}

func TestFieldByName(t *testing.T) {
	for f := contact.FieldID; f <= contact.FieldCompletedObjectiveKeys; f++ {
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
		_, ok := contact.FieldByName(name)
		require.False(t, ok, "%q", name)
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
		got, err := contact.ParseFieldSet(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
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
		got, err := contact.ParseFieldSet(text)
		require.Equal(t, want, faults(t, err), text)
		require.Zero(t, got, text)
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
		_, err := contact.ParseFieldSet("id," + name)
		require.Len(t, err, 1, name)
		require.Equal(t, want, err.(contact.Errors)[0].Meta.Suggestion, "for %q", name)
	}
}

// TestFieldMaskErrors: a field mask has as many errors as a body.
func TestFieldMaskErrors(t *testing.T) {
	_, err := contact.ParseFieldSet(strings.Repeat(",", 1<<20))
	require.Len(t, err, 101)
	require.Equal(t, contact.RuleTruncated, err.(contact.Errors)[100].Rule)
}
