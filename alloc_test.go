package contact

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAllocs pins what the doc comments say of memory.
func TestAllocs(t *testing.T) {
	body, patch := sample(t, "contact.json"), []byte(smallPatch)
	members := []byte(`{"meta_public":{"o":{` + list(64, `"member%d":{"":1,"\u0061":"\n"}`) + `}},"\u0063ity":"\u0041","timezone":"America\/Chicago"}`)
	stored, err := ParseStored(body)
	require.NoError(t, err)
	p, err := ParsePatch(patch)
	require.NoError(t, err)
	small := []byte(`{"city":"Oslo","sms_opted_in":true}`)
	timezone, buffer := []byte(`"America\/Chicago"`), make([]byte, 0, 4096)
	now, merged := time.Now(), make([]byte, 0, 4096)
	for _, c := range []struct {
		name string
		most float64
		f    func() error
	}{
		{"Check", 0, func() error { return Check(body) }},
		{"CheckPatch", 0, func() error { return CheckPatch(body) }},
		{"CheckPatch of 64 members", 0, func() error { return CheckPatch(members) }},
		{"CheckField", 0, func() error { return (Options{}).CheckField(FieldTimezone, timezone) }},
		{"Parse", 4, func() error { _, err := Parse(body); return err }},
		{"ParsePatch of two fields", 1, func() error { _, err := ParsePatch(small); return err }},
		{"ParsePatch", 4, func() error { _, err := ParsePatch(body); return err }},
		{"Merge", 3, func() error { _, _, err := Merge(stored, p, now); return err }},
		{"AppendMerge", 1, func() error { merged, _, err = AppendMerge(merged[:0], body, patch, now); return err }},
		{"AppendJSON", 0, func() error { buffer = stored.AppendJSON(buffer[:0]); return nil }},
	} {
		require.NoError(t, c.f(), c.name)
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { c.f() }), c.most, c.name)
	}
}

// TestTypedAccess: no field is found as what it is not. That would be a fault of the library's own.
func TestTypedAccess(t *testing.T) {
	var c Contact
	for name, access := range map[string]func(Field){
		"idAt":           func(f Field) { c.idAt(f) },
		"stringAt":       func(f Field) { c.stringAt(f) },
		"dateAt":         func(f Field) { c.dateAt(f) },
		"timeAt":         func(f Field) { c.timeAt(f) },
		"optionalTimeAt": func(f Field) { c.optionalTimeAt(f) },
		"boolAt":         func(f Field) { c.boolAt(f) },
		"objectAt":       func(f Field) { c.objectAt(f) },
		"idsAt":          func(f Field) { c.idsAt(f) },
		"stringsAt":      func(f Field) { c.stringsAt(f) },
	} {
		require.PanicsWithValue(t, noSuchField, func() { access(FieldType) }, name)
		require.PanicsWithValue(t, noSuchField, func() { access(fieldCount) }, name)
	}
}

// TestIDRoom proves that an array of ids keeps no more memory than its ids need, however it is laid
// out, and that a long one takes it at once.
func TestIDRoom(t *testing.T) {
	const id = `"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"`
	spaces := strings.Repeat(" ", 40_000)
	for ids, count := range map[string]int{
		"":                                   0,
		spaces:                               0,
		id + "," + spaces + id:               2,
		id + strings.Repeat(","+id, 999):     1000,
		id + strings.Repeat("\n, "+id, 1000): 1001,
	} {
		p, err := ParsePatch([]byte(`{"active_journey_ids":[` + ids + `]}`))
		require.NoError(t, err)
		require.Len(t, p.contact.ActiveJourneyIDs, count)
		require.Equal(t, count, cap(p.contact.ActiveJourneyIDs))
	}
	body := []byte(`{"active_journey_ids":[` + id + strings.Repeat(","+id, 999) + `]}`)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { _, err := ParsePatch(body); require.NoError(t, err) }), 2.0)
}
