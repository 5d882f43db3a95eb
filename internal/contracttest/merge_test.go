package contracttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// TestNil: a nil argument is the program's fault.
func TestNil(t *testing.T) {
	c, p := Minimal(t), new(contact.Patch)
	check := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, contact.ErrNil)
		require.NotErrorAs(t, err, new(contact.Errors))
	}
	for i, args := range []struct {
		c *contact.Contact
		p *contact.Patch
	}{{nil, p}, {c, nil}, {nil, nil}} {
		t.Run(row.Name(i), func(t *testing.T) {
			merged, changed, err := contact.Merge(args.c, args.p, noon)
			require.Nil(t, merged)
			require.Zero(t, changed)
			check(err)
		})
	}
	for i, args := range [][2]*contact.Contact{{nil, c}, {c, nil}, {nil, nil}} {
		t.Run(row.Name(i), func(t *testing.T) {
			patch, err := contact.Diff(args[0], args[1])
			require.Nil(t, patch)
			check(err)
		})
	}
	for i := range 3 {
		args := [3]*contact.Contact{c, c, c}
		args[i] = nil
		merged, conflicts, err := contact.Merge3(args[0], args[1], args[2], nil)
		require.Nil(t, merged)
		require.Nil(t, conflicts)
		check(err)
	}
	patch, err := contact.PatchOf(nil, contact.RequiredFields)
	require.Nil(t, patch)
	check(err)
}

// TestVersionLeavesTheYears: a version that no document could hold is the server's fault, and only when one is needed. A
// clock that is wrong is told apart from a version that none can follow.
func TestVersionLeavesTheYears(t *testing.T) {
	p := MustParsePatch(t, []byte(`{"city":"Oak Park"}`))
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	const ok, clock, stuck = "", "contact: a date or a time that does not exist", "contact: in the stored document: /updated_at: Store an earlier updated_at"
	for name, c := range map[string]struct {
		before, now time.Time
		fault       string
	}{
		"clock beyond":                       {noon, last.Add(time.Microsecond), clock},
		"clock far beyond":                   {noon, time.Unix(1<<60, 0), clock},
		"clock before":                       {noon, first.Add(-time.Second), ok},
		"clock far before":                   {noon, time.Unix(-1<<60, 0), ok},
		"version beyond":                     {last.Add(time.Second), noon, clock},
		"version before":                     {first.Add(-time.Second), noon, clock},
		"version is the last":                {last, noon, stuck},
		"version is the last for the clock":  {last, last, stuck},
		"version nearly the last":            {last.Add(-time.Microsecond + 1), noon, stuck},
		"version is the last but one":        {last.Add(-time.Microsecond), noon, ok},
		"clock at the last":                  {noon, last.Add(999), ok},
		"clock at the first":                 {noon, first, ok},
		"version is the first":               {first, noon, ok},
		"version is the first, clock before": {first, first.Add(-time.Hour), ok},
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			existing := Minimal(t)
			existing.UpdatedAt = c.before
			merged, changed, err := contact.Merge(existing, p, c.now)
			if c.fault == ok {
				require.NoError(t, err, name)
				require.True(t, merged.UpdatedAt.Sub(c.before) >= time.Microsecond, name)
				require.Equal(t, "city,updated_at", changed.String())
			} else {
				require.ErrorContains(t, err, c.fault, name)
				require.Equal(t, c.fault == clock, errors.Is(err, contact.ErrTime))
				require.Equal(t, c.fault == stuck, errors.As(err, new(*contact.StoreError)))
				require.Nil(t, merged)
				require.Zero(t, changed)
			}
			if !strings.HasPrefix(name, "version b") {
				sameAsSteps(t, contact.Options{}, existing.AppendJSON(nil), p.AppendJSON(nil), c.now)
			}
			merged, changed, err = contact.Merge(existing, new(contact.Patch), c.now)
			require.NoError(t, err, name)
			require.Zero(t, changed)
			require.Equal(t, existing, merged)
			merged, changed, err = contact.Merge(existing, p, time.Time{})
			if strings.HasPrefix(name, "version b") {
				require.ErrorIs(t, err, contact.ErrTime, "it could not be written")
				return
			}
			require.NoError(t, err, name)
			require.Equal(t, "city", changed.String())
			require.Equal(t, c.before, merged.UpdatedAt)
		})
	}
}

// TestVersionsRise: whatever the clock and the old version say, the new version is later by a microsecond at least.
func TestVersionsRise(t *testing.T) {
	p := MustParsePatch(t, []byte(`{"city":"Oak Park"}`))
	for _, base := range []time.Time{noon, time.Unix(0, 0), time.Unix(-1, 0), time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)} {
		t.Run(row.Name(base), func(t *testing.T) {
			for _, before := range []time.Duration{0, 1, 500, 999, 1000, 1001, 1999, -1, -999, -1000, -1001} {
				for _, now := range []time.Duration{0, 1, 999, 1000, 1001, 2000, 2001, 5999, -1, -1000, -time.Hour, time.Hour} {
					existing := Minimal(t)
					existing.UpdatedAt = base.Add(before).UTC()
					clock := base.Add(now)
					merged, changed, err := contact.Merge(existing, p, clock)
					require.NoError(t, err)
					require.True(t, changed.Has(contact.FieldUpdatedAt))
					v := merged.UpdatedAt
					require.Equal(t, time.UTC, v.Location())
					require.Zero(t, v.Nanosecond()%1000, "cut to the microsecond")
					require.GreaterOrEqual(t, v.Sub(existing.UpdatedAt), time.Microsecond)
					if cut := clock.Truncate(time.Microsecond); cut.Sub(existing.UpdatedAt) >= time.Microsecond {
						require.True(t, v.Equal(cut), "the clock is ahead")
					} else {
						require.Less(t, v.Sub(existing.UpdatedAt), 2*time.Microsecond, "the next version that there is")
					}
				}
			}
		})
	}
}

// TestRulesMeta: a team's own rule judges what would be stored, and what it says is brought into the form of errors.
func TestRulesMeta(t *testing.T) {
	var judged []contact.Object
	kept := contact.Errors{{Pointer: "/plan"}, {Code: "plan_unknown", Rule: "plan", Detail: "Choose a plan.", Pointer: "", Meta: contact.ErrorMeta{Suggestion: "gold"}},
		{Pointer: "/" + strings.Repeat("a", 87)}, {Pointer: "/" + strings.Repeat("é", 88)}, {Pointer: "/b/" + strings.Repeat("a", 500), Rule: "type"}, {Pointer: "/x", Meta: contact.ErrorMeta{PointerTruncated: true}}}
	before := fmt.Sprintf("%#v", kept)
	r := contact.Options{CheckMeta: func(o contact.Object) contact.Errors {
		judged = append(judged, o)
		if strings.Contains(string(o), "bad") {
			return kept
		}
		return nil
	}}
	want := contact.Errors{
		{Code: "validation_failed", Rule: "meta", Pointer: "/meta_public/plan", Detail: "Correct this value: it breaks a rule for meta_public."},
		{Code: "plan_unknown", Rule: "plan", Pointer: "/meta_public", Detail: "Choose a plan.", Meta: contact.ErrorMeta{Suggestion: "gold"}},
		{Code: "validation_failed", Rule: "meta", Pointer: "/meta_public/" + strings.Repeat("a", 87), Detail: "Correct this value: it breaks a rule for meta_public."},
		{Code: "validation_failed", Rule: "meta", Pointer: "/meta_public", Detail: "Correct this value: it breaks a rule for meta_public.", Meta: contact.ErrorMeta{PointerTruncated: true}},
		{Code: "validation_failed", Rule: "type", Pointer: "/meta_public/b", Detail: "Correct this value: it breaks a rule for meta_public.", Meta: contact.ErrorMeta{PointerTruncated: true}},
		{Code: "validation_failed", Rule: "meta", Pointer: "/meta_public/x", Detail: "Correct this value: it breaks a rule for meta_public.", Meta: contact.ErrorMeta{PointerTruncated: true}},
	}
	existing := Minimal(t)
	existing.MetaPublic = `{"a":1}`

	// Merge judges the merged object, once, if it changed.
	merged, changed, err := r.Merge(existing, MustParsePatch(t, []byte(`{"meta_public":{ "b" : "bad" }}`)), noon)
	require.Nil(t, merged)
	require.Zero(t, changed)
	require.Equal(t, want, err)
	require.Equal(t, []contact.Object{`{"a":1,"b":"bad"}`}, judged)
	require.Equal(t, before, fmt.Sprintf("%#v", kept), "what the rule returned is left as it was")
	judged = nil
	for _, unchanged := range []string{`{}`, `{"city":"bad"}`, `{"meta_public":{}}`, `{"meta_public":{"a":1,"bad":null}}`} {
		t.Run(row.Name(unchanged), func(t *testing.T) {
			_, _, err = r.Merge(existing, MustParsePatch(t, []byte(unchanged)), noon)
			require.NoError(t, err)
			require.Empty(t, judged, "%s", unchanged)
		})
	}
	_, changed, err = r.Merge(existing, MustParsePatch(t, []byte(`{"meta_public":{"a":null}}`)), time.Time{})
	require.NoError(t, err)
	require.Equal(t, "meta_public", changed.String())
	require.Equal(t, []contact.Object{`{}`}, judged)
	_, _, err = r.Merge(existing, MustParsePatch(t, []byte(`{"meta_public":{"b":"bad"},"id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e","updated_at":"2020-01-01T00:00:00Z"}`)), noon)
	got := faults(t, err)
	require.Equal(t, []string{"immutable /id", "meta /meta_public/plan"}, got[:2])
	require.Equal(t, "stale /updated_at", got[len(got)-1])
	_, _, err = contact.Options{CheckMeta: r.CheckMeta, MaxErrors: 2}.Merge(existing, MustParsePatch(t, []byte(`{"meta_public":{"b":"bad"}}`)), noon)
	require.Equal(t, []string{"meta /meta_public/plan", "plan /meta_public", "truncated "}, faults(t, err))

	// A merge that is refused for its size is not judged.
	judged = nil
	_, _, err = contact.Options{CheckMeta: r.CheckMeta, MaxMeta: 8}.Merge(existing, MustParsePatch(t, []byte(`{"meta_public":{"b":"bad"}}`)), noon)
	require.Equal(t, []string{"size /meta_public"}, faults(t, err))
	require.Empty(t, judged)

	// Parse and Check judge the object of a whole contact; a stored one and a patch are not judged.
	whole := []byte(strings.Replace(minimalText, `"meta_public":{}`, `"meta_public": { "b" : "bad" }`, 1))
	_, err = r.Parse(whole)
	require.Equal(t, want, err)
	require.Equal(t, want, r.Check(whole))
	require.Equal(t, []contact.Object{`{"b":"bad"}`, `{"b":"bad"}`}, judged)
	wrongToo := []byte(strings.Replace(strings.Replace(string(whole), `"type":"contact"`, `"type":1`, 1), `"active_journey_ids":[]`, `"active_journey_ids":0`, 1))
	require.Equal(t, []string{"type /type", "meta /meta_public/plan"}, faults(t, r.Check(wrongToo))[:2])
	require.Equal(t, "type /active_journey_ids", faults(t, r.Check(wrongToo))[7])
	judged = nil
	_, err = r.Parse([]byte(minimalText))
	require.NoError(t, err)
	require.Equal(t, []contact.Object{`{}`}, judged)
	judged = nil
	_, err = r.ParseStored(whole)
	require.NoError(t, err)
	require.NoError(t, r.CheckPatch([]byte(`{"meta_public":{"b":"bad"}}`)))
	require.NoError(t, r.CheckField(contact.FieldMetaPublic, []byte(`{"b":"bad"}`)))
	require.Equal(t, []string{"duplicate /meta_public/a"}, faults(t, r.Check([]byte(strings.Replace(minimalText, `{},`, `{"a":"bad","a":1},`, 1)))))
	require.Empty(t, judged, "what is broken is not shown to the rule")
}

func TestPatchJSON(t *testing.T) {
	text := []byte(`{"name_first":"Ana","city":null,"sms_opted_in":true,"meta_public":{"a":null,"b":[null]},"updated_at":"2026-05-17T08:02:45.120004Z"}`)
	p := MustParsePatch(t, text)
	marshalled, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, string(text), string(marshalled))
	require.Equal(t, "x"+string(text), string(p.AppendJSON([]byte("x"))))
	require.Equal(t, "name_first,city,sms_opted_in,meta_public,updated_at", p.Fields().String())
	require.Equal(t, "city", clearedBy(p).String())
	var into contact.Patch
	require.NoError(t, json.Unmarshal(marshalled, &into))
	require.Equal(t, *p, into)
	require.NoError(t, json.Unmarshal([]byte(`null`), &into))
	require.Equal(t, []string{"null /id"}, faults(t, into.UnmarshalJSON([]byte(`{"id":null}`))))
	require.Equal(t, *p, into, "null and an error leave it as it was")
	require.NoError(t, json.Unmarshal([]byte(`{}`), &into))
	require.Equal(t, contact.Patch{}, into)
	require.Equal(t, "{}", string(into.AppendJSON(nil)))
}

// TestPatchOfRefuses: what JSON cannot carry, and what a patch may not hold.
func TestPatchOfRefuses(t *testing.T) {
	c := SampleContact(t)
	c.NameFirst, c.Country, c.Timezone = pointer("\xff"), pointer("\xff"), pointer("\xffmarker")
	c.Birthdate = &contact.Date{Year: 1990, Month: 2, Day: 30}
	c.MetaPublic = `{"a":1,"a":2}`
	c.InsertedAt, c.UpdatedAt, c.LastSeenAt = time.Unix(1<<60, 0), time.Unix(-1<<60, 0), pointer(time.Unix(1<<60, 0))
	c.CompletedObjectiveKeys = []string{"a", "\xff"}
	all := contact.WritableFields | contact.IdentityFields | contact.FieldsOf(contact.FieldUpdatedAt)
	p, err := contact.PatchOf(c, all)
	require.Nil(t, p)
	require.Equal(t, []string{"type /name_first", "type /country", "date /birthdate", "type /timezone", "type /meta_public", "timestamp /inserted_at",
		"timestamp /updated_at", "timestamp /last_seen_at", "type /completed_objective_keys"}, faults(t, err))
	require.NotContains(t, err.Error(), "marker")
	require.Equal(t, "Send text that is valid UTF-8.", err.(contact.Errors)[0].Detail)
	require.Equal(t, "Send text that is valid UTF-8.", err.(contact.Errors)[3].Detail)
	require.Equal(t, "Send a JSON object.", err.(contact.Errors)[4].Detail)
	require.Equal(t, "Send text that is valid UTF-8.", err.(contact.Errors)[8].Detail)

	// Fields that were not asked for do not matter, and neither do sets of fields that do not exist.
	p, err = contact.PatchOf(c, contact.FieldsOf(contact.FieldCity)|1<<50)
	require.NoError(t, err)
	require.Equal(t, `{"city":"Chicago"}`, string(p.AppendJSON(nil)))

	// The patch is held to what any patch is held to.
	var zero contact.Contact
	zero.Timezone = pointer("Mars")
	_, err = contact.PatchOf(&zero, contact.FieldsOf(contact.FieldID, contact.FieldTimezone, contact.FieldCity))
	require.Equal(t, []string{"uuid /id", "timezone /timezone"}, faults(t, err))
	zero.Timezone = nil
	p, err = contact.PatchOf(&zero, contact.FieldsOf(contact.FieldTimezone, contact.FieldCity, contact.FieldMetaPublic, contact.FieldActiveJourneyIDs))
	require.NoError(t, err)
	require.Equal(t, `{"city":null,"timezone":null,"meta_public":{},"active_journey_ids":[]}`, string(p.AppendJSON(nil)))

	// Limits of bodies do not hold for values that a program already has.
	long := strings.Repeat("a", 2<<20)
	zero.City = &long
	zero.MetaPublic = contact.Object(strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200))
	p, err = contact.PatchOf(&zero, contact.FieldsOf(contact.FieldCity, contact.FieldMetaPublic))
	require.NoError(t, err)
	require.Equal(t, 2, p.Fields().Len())
}

func TestDiffRefuses(t *testing.T) {
	// Broken values on one side.
	from, to := SampleContact(t), SampleContact(t)
	to.City, to.MetaPublic = pointer("\xff"), "["
	_, err := contact.Diff(from, to)
	require.Equal(t, []string{"type /city", "type /meta_public"}, faults(t, err))
	from.MetaPublic = "["
	to.City = from.City
	p, err := contact.Diff(from, to)
	require.NoError(t, err, "the same broken text on both sides is no difference")
	require.Zero(t, p.Fields())
	to.MetaPublic = "{}"
	p, err = contact.Diff(from, to)
	require.Nil(t, p)
	require.ErrorIs(t, err, contact.ErrText)
	require.NotErrorAs(t, err, new(contact.Errors))

	// Every fault counts: of identity, of what JSON cannot carry, of what a patch cannot say.
	from, to = SampleContact(t), SampleContact(t)
	to.ID[15]++
	to.TeamID[0]++
	to.InsertedAt = to.InsertedAt.Add(1)
	to.MetaPublic = `{"a":null}`
	_, err = contact.Diff(from, to)
	require.Equal(t, []string{"immutable /id", "immutable /team_id", "meta /meta_public/a", "immutable /inserted_at"}, faults(t, err))
	to.City, to.LastSeenAt, to.MetaPublic = pointer("\xff"), pointer(time.Unix(1<<60, 0)), `{"a":null,"b":{"c":null,"d":[null]},"e":null}`
	_, err = contact.Diff(from, to)
	require.Equal(t, []string{"immutable /id", "immutable /team_id", "type /city", "meta /meta_public/a", "meta /meta_public/b/c",
		"meta /meta_public/e", "immutable /inserted_at", "timestamp /last_seen_at"}, faults(t, err))
	to = from.Clone()
	to.MetaPublic = contact.Object(numbered(150, `"k%d":null`))
	_, err = contact.Diff(from, to)
	require.Len(t, err, 101)
	require.Equal(t, contact.RuleTruncated, err.(contact.Errors)[100].Rule)

	// A pointer in an error ends at the last whole token that fits.
	to = from.Clone()
	for name, want := range map[string]string{
		strings.Repeat("a", 87): "/meta_public/" + strings.Repeat("a", 87), strings.Repeat("a", 88): "/meta_public",
		strings.Repeat("é", 87): "/meta_public/" + strings.Repeat("é", 87), strings.Repeat("/", 43): "/meta_public/" + strings.Repeat("~1", 43), strings.Repeat("/", 44): "/meta_public",
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			to.MetaPublic = contact.Object(`{"` + name + `":null}`)
			_, err = contact.Diff(from, to)
			require.Equal(t, []string{"meta " + want}, faults(t, err))
			e := err.(contact.Errors)[0]
			require.Equal(t, want == "/meta_public", e.Meta.PointerTruncated)
			require.Equal(t, "Remove this member or give it another value: a merge patch cannot set a member to null.", e.Detail)
		})
	}
}

func TestDiffIgnoresForm(t *testing.T) {
	from := SampleContact(t)
	to := from.Clone()
	to.MetaPublic = contact.Object(strings.ReplaceAll(string(from.MetaPublic), ":", " : \n"))
	to.InsertedAt = from.InsertedAt.In(time.FixedZone("", 3600))
	to.LastSeenAt = pointer(from.LastSeenAt.In(time.FixedZone("", -3600)))
	to.UpdatedAt = noon
	p, err := contact.Diff(from, to)
	require.NoError(t, err)
	require.Equal(t, new(contact.Patch), p)

	// nil and empty lists are the same, and so are no object and an empty one.
	from, to = Minimal(t), Minimal(t)
	to.ActiveJourneyIDs, to.CompletedObjectiveKeys, to.MetaPublic = nil, nil, ""
	p, err = contact.Diff(from, to)
	require.NoError(t, err)
	require.Zero(t, p.Fields())

	// A patch holds an object without white space, however to spells it.
	to.MetaPublic = ` { "a" : { "b" : [ 1 ] } } `
	p, err = contact.Diff(from, to)
	require.NoError(t, err)
	require.Equal(t, `{"meta_public":{"a":{"b":[1]}}}`, string(p.AppendJSON(nil)))
}

func TestMerge3Refuses(t *testing.T) {
	for i := range 3 {
		c := [3]*contact.Contact{SampleContact(t), SampleContact(t), SampleContact(t)}
		c[i].MetaPublic = "["
		merged, conflicts, err := contact.Merge3(c[0], c[1], c[2], nil)
		require.Nil(t, merged)
		require.Nil(t, conflicts)
		require.ErrorIs(t, err, contact.ErrText)

		c[i].MetaPublic = `{"z":1}`
		c[i].ID[0]++
		c[i].InsertedAt = c[i].InsertedAt.Add(1)
		c[i].City = pointer("x")
		merged, conflicts, err = contact.Merge3(c[0], c[1], c[2], nil)
		require.Nil(t, merged)
		require.Nil(t, conflicts)
		require.Equal(t, []string{"immutable /id", "immutable /inserted_at"}, faults(t, err))
	}
}

// TestSameResultTwice: the same input gives the same bytes, run after run.
func TestSameResultTwice(t *testing.T) {
	g := newMaker(2)
	for range 20 {
		doc := g.contact()
		a, b, c := mustParse(t, g.document(doc)), mustParse(t, g.document(g.edit(doc))), mustParse(t, g.document(g.edit(doc)))
		var first string
		for i := range 5 {
			merged, conflicts, err := contact.Merge3(a, b, c, nil)
			require.NoError(t, err)
			p, diffErr := contact.Diff(a, b)
			out := fmt.Sprintf("%s %v %v", merged.AppendJSON(nil), conflicts, diffErr)
			if p != nil {
				out += string(p.AppendJSON(nil))
			}
			if i == 0 {
				first = out
			}
			require.Equal(t, first, out)
		}
	}
}

// TestPatchInside: a patch is written whole wherever it stands.
func TestPatchInside(t *testing.T) {
	p, err := contact.ParsePatch([]byte(`{"city":"Oak Park"}`))
	require.NoError(t, err)
	text, err := json.Marshal(struct{ P contact.Patch }{*p})
	require.NoError(t, err)
	require.Equal(t, `{"P":{"city":"Oak Park"}}`, string(text))
}

// TestLargeByPatches: what small patches have put together can be read again.
func TestLargeByPatches(t *testing.T) {
	c := Minimal(t)
	for _, field := range []string{"address", "email"} {
		t.Run(row.Name(field), func(t *testing.T) {
			p, err := contact.ParsePatch([]byte(`{"` + field + `":"` + strings.Repeat("x", 1<<20-100) + `"}`))
			require.NoError(t, err)
			c, _, err = contact.Options{MaxDocument: -1}.Merge(c, p, time.Time{})
			require.NoError(t, err)
		})
	}
	again, err := contact.ParseStored(c.AppendJSON(nil))
	require.NoError(t, err)
	require.Equal(t, c.AppendJSON(nil), again.AppendJSON(nil))
}

// TestLongNamesInConflict: long names cost no more where members conflict.
func TestLongNamesInConflict(t *testing.T) {
	side := func(v int) *contact.Contact {
		c := Minimal(t)
		var members []string
		for i := range 2000 {
			members = append(members, fmt.Sprintf(`"%d":%d`, i, v))
		}
		c.MetaPublic = contact.Object(`{"` + strings.Repeat("n", 100_000) + `":{` + strings.Join(members, ",") + `}}`)
		return c
	}
	_, conflicts, err := contact.Merge3(side(0), side(1), side(2), nil)
	require.NoError(t, err)
	require.Len(t, conflicts, 2000)
	require.Equal(t, "/meta_public", conflicts[0].Pointer)
}

// TestCheckMetaPointer: a pointer that points nowhere blames the object.
func TestCheckMetaPointer(t *testing.T) {
	_, _, err := contact.Options{CheckMeta: func(contact.Object) contact.Errors { return contact.Errors{{Pointer: "x", Rule: "own"}} }}.
		Merge(Minimal(t), MustParsePatch(t, []byte(`{"meta_public":{"a":1}}`)), time.Time{})
	require.Equal(t, []string{"own /meta_public"}, faults(t, err))
	require.NotEmpty(t, err.(contact.Errors)[0].Detail)
}

// TestStaleAdvice: who sends a version that was cut is told so; who was slower by less than a millisecond has nothing to
// correct, and loads again.
func TestStaleAdvice(t *testing.T) {
	for seen, want := range map[string]string{
		"2026-05-17T08:02:45.120Z":    "stale.precision",
		"2026-05-17T08:02:45.120003Z": "stale",
		"2026-05-17T08:02:45.120005Z": "stale",
		"2026-05-17T08:02:45.119Z":    "stale",
		"2026-05-17T08:02:45Z":        "stale",
	} {
		t.Run(row.Name(seen), func(t *testing.T) {
			_, _, err := contact.Merge(SampleContact(t), MustParsePatch(t, []byte(`{"updated_at":"`+seen+`","city":"Oslo"}`)), time.Now())
			var errs contact.Errors
			require.ErrorAs(t, err, &errs, seen)
			require.Equal(t, want, errs[0].MessageKey(), seen)
		})
	}
}
