package contracttest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

// TestZeroTime: the zero time is no time where a program gives one, and an instant like any other in a document.
func TestZeroTime(t *testing.T) {
	const first = `"0001-01-01T00:00:00Z"`
	zero, full := time.Time{}, FullContact(t)
	for f := range contact.AllFields.All() {
		if f.Kind() != contact.KindTimestamp {
			continue
		}
		t.Run(row.Name(f), func(t *testing.T) {
			c := full.Clone()
			rule := "required /" + f.String()
			field := reflect.ValueOf(c).Elem().FieldByName(GoName(f.String()))
			if contact.RequiredFields.Has(f) {
				field.Set(reflect.ValueOf(zero))
			} else {
				field.Set(reflect.ValueOf(&zero))
				rule = "timestamp /" + f.String()
			}
			require.Equal(t, []string{rule}, faults(t, c.Validate()))
			text := "\xff"
			also := *c
			also.City, also.NameFirst = &text, &text
			require.Equal(t, []string{"type /name_first", "type /city", rule}, faults(t, also.Validate()))

			for _, value := range []any{zero, &zero, zero.In(time.FixedZone("", 3600))} {
				_, err := contact.NewPatch().Set(f, value).Patch()
				require.ErrorIs(t, err, contact.ErrTime)
				require.ErrorContains(t, err, f.String())
			}
			p, err := contact.PatchOf(c, contact.FieldsOf(contact.FieldCity, f))
			require.ErrorIs(t, err, contact.ErrTime)
			require.ErrorContains(t, err, f.String())
			require.Nil(t, p)
			_, err = contact.PatchOf(c, contact.AllFields&^contact.FieldsOf(f))
			require.NoError(t, err, "it is not in the mask")
			scanned := full.Clone()
			require.ErrorIs(t, scanned.Ptr(f).(interface{ Scan(any) error }).Scan(zero), contact.ErrTime)
			require.Equal(t, full, scanned)

			// The instant of a document is carried by all that combine documents, and written.
			stored, err := contact.ParseStored(c.AppendJSON(nil))
			require.NoError(t, err)
			require.Contains(t, string(stored.AppendJSON(nil)), `"`+f.String()+`":`+first)
			again := must(stored.MarshalJSON())
			require.Equal(t, string(stored.AppendJSON(nil)), string(again))
			patch := MustParsePatch(t, []byte(`{"city":"Oslo"}`))
			merged, _, err := contact.Merge(stored, patch, noon)
			require.NoError(t, err)
			value, _ := merged.Get(f)
			require.Equal(t, f != contact.FieldUpdatedAt, value.(time.Time).IsZero())
			sameAsSteps(t, contact.Options{}, stored.AppendJSON(nil), []byte(`{"city":"Oslo","`+f.String()+`":`+first+`}`), noon)
			_, _, err = contact.Merge3(stored, stored, stored, nil)
			require.NoError(t, err)
		})
	}
	_, err := MustParsePatch(t, []byte(`{}`)).At(zero)
	require.ErrorIs(t, err, contact.ErrTime)
	require.ErrorIs(t, new(contact.Date).Scan(zero), contact.ErrTime)
	require.Zero(t, contact.ETag(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "no contact has this version")
	require.Equal(t, first, contact.ETag(zero))
}

// TestSetTypes gives each field a value of every Go type, as itself, as a pointer and as a nil pointer.
func TestSetTypes(t *testing.T) {
	full := FullContact(t)
	sets := map[contact.Kind][]string{ // the names of the types in the doc comment
		contact.KindID: {"id", "string"}, contact.KindConstant: {"string"}, contact.KindString: {"string"}, contact.KindDate: {"date", "string"},
		contact.KindTimezone: {"string"}, contact.KindTimestamp: {"time", "string"}, contact.KindBoolean: {"bool"}, contact.KindObject: {"object"},
		contact.KindIDs: {"ids"}, contact.KindStrings: {"strings"}, contact.KindEnum: {"string"},
	}
	for f := range contact.AllFields.All() {
		t.Run(row.Name(f), func(t *testing.T) {
			own, ok := full.Get(f)
			require.True(t, ok)
			text := string(must(contact.PatchOf(full, contact.FieldsOf(f))).AppendJSON(nil))
			values := map[string][3]any{
				"id": pointers(full.ID), "date": pointers(*full.Birthdate), "time": pointers(noon), "bool": pointers(true),
				"object": pointers(contact.Object(`{}`)), "ids": pointers([]contact.ID{full.ID}), "strings": pointers([]string{"a"}),
				"string": pointers("Europe/Oslo"), "bytes": pointers([]byte("x")), "int": pointers(1), "field": pointers(f), "float": pointers(1.5),
				"own": {own},
			}
			if s := decodeObject(t, []byte(text)).Get(f.String()); f.Kind() != contact.KindString {
				if content, ok := s.(string); ok {
					values["string"] = pointers(content)
				}
			}
			takes := append([]string{"own"}, sets[f.Kind()]...)
			require.Greater(t, len(takes), 1)
			for name, forms := range values {
				for i, value := range forms {
					if value == nil {
						continue
					}
					p, err := contact.NewPatch().Set(f, value).Patch()
					switch {
					case !slices.Contains(takes, name):
						require.ErrorIs(t, err, contact.ErrField, "%T", value)
						require.ErrorContains(t, err, f.String()+" takes ")
						require.Nil(t, p)
					case i == 2:
						requireCleared(t, f, p, err)
					default:
						require.NoError(t, err, "%T", value)
						got, ok := p.Get(f)
						require.True(t, ok && got != nil)
						if name == "own" || name == "string" && f.Kind() != contact.KindString {
							require.Equal(t, own, got)
						}
					}
				}
			}
			p, err := contact.NewPatch().Set(f, nil).Patch()
			requireCleared(t, f, p, err)
		})
	}
	// What a patch has makes the same patch.
	p := MustParsePatch(t, []byte(`{"name_first":null,"city":"Oslo","birthdate":"1990-02-28","last_seen_at":null,"meta_public":{"a":null}}`))
	b := contact.NewPatch()
	for f := range p.Fields().All() {
		value, _ := p.Get(f)
		b.Set(f, value)
	}
	require.Equal(t, string(p.AppendJSON(nil)), string(must(b.Patch()).AppendJSON(nil)))
	// A text that is not one of the field's is a fault of the text.
	for f, fault := range map[contact.Field]string{
		contact.FieldID: "uuid /id", contact.FieldType: "enum /type", contact.FieldBirthdate: "date /birthdate", contact.FieldLastSeenAt: "timestamp /last_seen_at",
		contact.FieldTimezone: "timezone /timezone",
	} {
		_, err := contact.NewPatch().Set(f, "1990-02-30").Patch()
		require.Equal(t, []string{fault}, faults(t, err))
	}
	_, err := contact.NewPatch().Set(contact.FieldCity, "\xff").Patch()
	require.Equal(t, []string{"type /city"}, faults(t, err))
}

func requireCleared(t *testing.T, f contact.Field, p *contact.Patch, err error) {
	t.Helper()
	if contact.RequiredFields.Has(f) {
		require.Equal(t, []string{"null /" + f.String()}, faults(t, err))
		return
	}
	require.NoError(t, err)
	value, ok := p.Get(f)
	require.True(t, ok)
	require.Nil(t, value)
}

// pointers returns a value, a pointer to it, and a nil pointer of that type.
func pointers[T any](v T) [3]any { return [3]any{v, &v, (*T)(nil)} }
