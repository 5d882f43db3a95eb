package contact_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/tree"
)

// The properties that hold for every contact and patch, checked on random ones. The oracles work on
// decoded documents, slowly and obviously, and share no code with the library. The fuzz targets in
// property_fuzz_test.go check the same.

func TestParseProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) { checkParse(t, g) })
}

// checkParse: a contact and a patch are read as they were meant, and writing is the inverse of
// reading.
func checkParse(t *testing.T, g *maker) {
	doc := g.contact()
	c := mustParse(t, g.document(doc))
	text := c.AppendJSON(nil)
	require.Equal(t, doc, decodeObject(t, text), "the contact as it was meant, in the order of the fields")
	again := mustParse(t, text)
	require.Equal(t, c, again, "the contact read back")
	require.Equal(t, string(text), string(again.AppendJSON(nil)))
	marshalled, err := json.Marshal(c)
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, marshalled))
	require.True(t, tree.Same(doc, decode(t, compact.Bytes())), "the contact through json.Marshal")
	clone := c.Clone()
	require.Equal(t, c, clone)

	patch := g.patch(doc)
	p := mustParsePatch(t, g.document(patch))
	ptext := p.AppendJSON(nil)
	require.True(t, tree.Same(patch, decode(t, ptext)), "the patch as it was meant")
	pagain := mustParsePatch(t, ptext)
	require.Equal(t, p, pagain, "the patch read back")
	require.Equal(t, string(ptext), string(pagain.AppendJSON(nil)))
	var names, cleared []string
	for f := contact.FieldID; f <= lastField; f++ {
		if v := patch.Get(f.String()); v != tree.Absent {
			names = append(names, f.String())
			if v == nil {
				cleared = append(cleared, f.String())
			}
		}
	}
	require.Equal(t, strings.Join(names, ","), p.Fields().String())
	require.Equal(t, strings.Join(cleared, ","), clearedBy(p).String())
}

func TestMergeProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		doc := g.contact()
		checkMerge(t, g.document(doc), g.document(g.patch(doc)), g.time())
	})
}

// checkMerge holds a merge against the slow one over decoded documents, and against what must be
// true of every merge.
func checkMerge(t *testing.T, existingBody, patchBody []byte, now time.Time) {
	existing, p := mustParse(t, existingBody), mustParsePatch(t, patchBody)
	existingBefore, patchText := existing.Clone(), p.AppendJSON(nil)
	merged, changed, err := contact.Merge(existing, p, now)
	require.Equal(t, existingBefore, existing, "the existing contact after the merge")
	require.Equal(t, string(patchText), string(p.AppendJSON(nil)), "the patch after the merge")

	doc, patch := decodeObject(t, existing.AppendJSON(nil)), decodeObject(t, patchText)
	writes := tree.Object{}
	var refused []string
	for f := contact.FieldID; f <= lastField; f++ {
		name := f.String()
		switch v := patch.Get(name); {
		case v == tree.Absent:
		case contact.WritableFields.Has(f):
			writes = writes.With(name, v)
		case f == contact.FieldUpdatedAt:
			if microsecond(t, v) != microsecond(t, doc.Get(name)) {
				refused = append(refused, "stale /"+name)
			}
		case !tree.Same(v, doc.Get(name)):
			refused = append(refused, "immutable /"+name)
		}
	}
	require.Equal(t, refused, faults(t, err))
	if refused != nil {
		require.Nil(t, merged)
		require.Zero(t, changed)
		return
	}

	want := refMerge(doc, writes).(tree.Object)
	got := decodeObject(t, merged.AppendJSON(nil))
	wantChanged := contact.FieldSet(0)
	for f := range contact.WritableFields.All() {
		before, after := doc.Get(f.String()), want.Get(f.String())
		require.Equal(t, after, got.Get(f.String()), "%s", f)
		if !tree.Same(before, after) {
			wantChanged |= contact.FieldsOf(f)
		}
	}
	version := existing.UpdatedAt
	if wantChanged != 0 && !now.IsZero() {
		wantChanged |= contact.FieldsOf(contact.FieldUpdatedAt)
		if version = version.Add(time.Microsecond + time.Microsecond - 1).Truncate(time.Microsecond); now.After(version) {
			version = now.Truncate(time.Microsecond)
		}
	}
	require.Equal(t, wantChanged.String(), changed.String(), "changed")
	require.True(t, version.Equal(merged.UpdatedAt), "updated_at: want %v, got %v", version, merged.UpdatedAt)
	require.Equal(t, wantChanged.Has(contact.FieldUpdatedAt), !merged.UpdatedAt.Equal(existing.UpdatedAt))
	for f := range contact.IdentityFields.All() {
		require.Equal(t, doc.Get(f.String()), got.Get(f.String()), "%s", f)
	}
	if wantChanged == 0 {
		require.Equal(t, existing, merged, "a merge that changes nothing")
	}

	require.Equal(t, merged, mustParse(t, merged.AppendJSON(nil)), "the merged contact read back")
	same, changed, err := contact.Merge(merged, new(contact.Patch), now)
	require.NoError(t, err)
	require.Zero(t, changed, "an empty patch")
	require.Equal(t, merged, same, "an empty patch")
	if !p.Fields().Has(contact.FieldUpdatedAt) {
		twice, changed, err := contact.Merge(merged, p, now)
		require.NoError(t, err)
		require.Zero(t, changed, "the same patch again")
		require.Equal(t, merged, twice, "the same patch again")
	}
}

// microsecond reads a canonical timestamp by the rules of the time package.
func microsecond(t testing.TB, v tree.Value) int64 {
	at, err := time.Parse(time.RFC3339Nano, v.(string))
	require.NoError(t, err)
	return at.UnixMicro()
}

func TestDiffProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		from := g.contact()
		checkDiff(t, g.document(from), g.document(g.edit(from)))
	})
}

// checkDiff: the patch says the difference, the whole of it, and nothing but.
func checkDiff(t *testing.T, fromBody, toBody []byte) {
	from, to := mustParse(t, fromBody), mustParse(t, toBody)
	fromBefore, toBefore := from.Clone(), to.Clone()
	p, err := contact.Diff(from, to)
	require.Equal(t, fromBefore, from)
	require.Equal(t, toBefore, to)
	doc, want := decodeObject(t, from.AppendJSON(nil)), decodeObject(t, to.AppendJSON(nil))
	if n := refUnsayable(doc.Get("meta_public"), want.Get("meta_public")); n > 0 {
		require.Nil(t, p)
		var errs contact.Errors
		require.ErrorAs(t, err, &errs)
		require.Len(t, errs, n)
		for _, e := range errs {
			require.Equal(t, contact.RuleMeta, e.Rule)
		}
		return
	}
	require.NoError(t, err)
	text := p.AppendJSON(nil)
	require.Equal(t, p, mustParsePatch(t, text), "the patch read back")
	patch := decodeObject(t, text)
	require.True(t, reaches(doc, patch, want), "%s\nfrom %s\nto   %s", text, from.AppendJSON(nil), to.AppendJSON(nil))
	for _, less := range withoutOne(patch) {
		require.False(t, reaches(doc, less, want), "%s has a member more than it needs, without it %v", text, less)
	}

	merged, _, err := contact.Merge(from, p, time.Time{})
	require.NoError(t, err)
	got := decodeObject(t, merged.AppendJSON(nil))
	for f := range contact.WritableFields.All() {
		if !tree.Same(want.Get(f.String()), got.Get(f.String())) {
			t.Fatalf("%s: want %v, got %v", f, want, got)
		}
	}
	rest, err := contact.Diff(merged, to)
	require.NoError(t, err)
	require.Equal(t, "{}", string(rest.AppendJSON(nil)), "nothing is left to say")
	for _, c := range []*contact.Contact{from, to} {
		self, err := contact.Diff(c, c)
		require.NoError(t, err)
		require.Equal(t, new(contact.Patch), self, "Diff(x, x)")
	}
}

// reaches reports whether the patch makes want of doc, but for the version.
func reaches(doc, patch, want tree.Object) bool {
	return tree.Same(refMerge(doc, patch).(tree.Object).With("updated_at", tree.Absent), want.With("updated_at", tree.Absent))
}

// withoutOne returns the patch without each of its members in turn, those inside meta_public too.
func withoutOne(patch tree.Object) []tree.Object {
	var out []tree.Object
	for _, m := range patch {
		out = append(out, patch.With(m.Name, tree.Absent))
		if inner, ok := m.Value.(tree.Object); ok {
			for _, less := range withoutOne(inner) {
				out = append(out, patch.With(m.Name, less))
			}
		}
	}
	return out
}

func TestMerge3Properties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		base := g.contact()
		checkMerge3(t, g.document(base), g.document(g.edit(base)), g.document(g.edit(base)))
	})
}

func checkMerge3(t *testing.T, baseBody, oursBody, theirsBody []byte) {
	base, ours, theirs := mustParse(t, baseBody), mustParse(t, oursBody), mustParse(t, theirsBody)
	befores := []*contact.Contact{base.Clone(), ours.Clone(), theirs.Clone()}
	merged, conflicts, err := contact.Merge3(base, ours, theirs, nil)
	require.NoError(t, err)
	require.Equal(t, befores, []*contact.Contact{base, ours, theirs}, "the arguments afterwards")
	require.Equal(t, merged, mustParse(t, merged.AppendJSON(nil)), "the merged contact read back")

	// Against the slow one. The version is no part of the merge.
	docs := [3]tree.Object{}
	for i, c := range []*contact.Contact{base, ours, theirs} {
		docs[i] = decodeObject(t, c.AppendJSON(nil)).With("updated_at", tree.Absent)
	}
	want := map[string][3]tree.Value{}
	wantDoc := refMerge3("", docs[0], docs[1], docs[2], want)
	gotDoc := decodeObject(t, merged.AppendJSON(nil)).With("updated_at", tree.Absent)
	require.True(t, tree.Same(wantDoc, gotDoc), "want %v\ngot %v", wantDoc, gotDoc)
	require.Len(t, conflicts, len(want))
	for pointer := range want {
		if utf8.RuneCountInString(pointer) > 100 {
			return // it was cut, and may be that of two conflicts
		}
	}
	got := conflictMap(t, conflicts)
	for pointer, sides := range want {
		require.Contains(t, got, pointer)
		for i := range sides {
			require.True(t, tree.Same(sides[i], got[pointer][i]), "%s: %v", pointer, got[pointer])
		}
	}
	later := theirs.UpdatedAt
	if ours.UpdatedAt.After(later) {
		later = ours.UpdatedAt
	}
	require.True(t, later.Equal(merged.UpdatedAt), "updated_at is the later")

	// A change of one side that is in no conflict is there.
	for _, side := range docs[1:] {
		for pointer, change := range changes("", docs[0], side) {
			if touches(want, pointer) {
				continue
			}
			v := lookUp(gotDoc, pointer)
			if _, ok := change.(tree.Object); ok {
				require.IsType(t, tree.Object{}, v, "%s is lost", pointer)
			} else {
				require.True(t, tree.Same(change, v), "%s is lost", pointer)
			}
		}
	}

	// Swapping the sides swaps what conflicts say and whose value is kept, and nothing else.
	swapped, back, err := contact.Merge3(base, theirs, ours, nil)
	require.NoError(t, err)
	mirrored := conflictMap(t, back)
	require.Len(t, mirrored, len(got))
	doc := tree.Value(gotDoc)
	for pointer, sides := range got {
		require.Contains(t, mirrored, pointer)
		m := mirrored[pointer]
		require.True(t, tree.Same(sides[0], m[0]) && tree.Same(sides[1], m[2]) && tree.Same(sides[2], m[1]), pointer)
		doc = replace(doc, pointer, sides[1])
	}
	require.True(t, tree.Same(doc, decodeObject(t, swapped.AppendJSON(nil)).With("updated_at", tree.Absent)), "the sides swapped")
	require.True(t, merged.UpdatedAt.Equal(swapped.UpdatedAt))

	// Who keeps ours at some of the conflicts has ours there, and all else as it was.
	for odd := range min(2, len(conflicts)) {
		doc, asked := tree.Value(gotDoc), []contact.Conflict(nil)
		chosen, _, err := contact.Merge3(base, ours, theirs, func(c contact.Conflict) bool {
			asked = append(asked, c)
			return len(asked)%2 == odd
		})
		require.NoError(t, err)
		require.Equal(t, conflicts, asked)
		for i, c := range asked {
			require.True(t, strings.HasPrefix(c.Pointer, "/"+c.Field.String()))
			if (i+1)%2 == odd {
				doc = replace(doc, c.Pointer, got[c.Pointer][1])
			}
		}
		require.True(t, tree.Same(doc, decodeObject(t, chosen.AppendJSON(nil)).With("updated_at", tree.Absent)))
	}

	// A side that changed nothing gives way.
	for i, side := range []*contact.Contact{ours, theirs} {
		for _, pair := range [][2]*contact.Contact{{side, base}, {base, side}, {side, side}} {
			c, conflicts, err := contact.Merge3(base, pair[0], pair[1], nil)
			require.NoError(t, err)
			require.Empty(t, conflicts)
			require.True(t, tree.Same(docs[i+1], decodeObject(t, c.AppendJSON(nil)).With("updated_at", tree.Absent)))
		}
	}
}

func conflictMap(t *testing.T, conflicts []contact.Conflict) map[string][3]tree.Value {
	out := map[string][3]tree.Value{}
	for _, c := range conflicts {
		require.NotContains(t, out, c.Pointer, "one conflict in each place")
		var sides [3]tree.Value
		for i, text := range []string{c.Base, c.Ours, c.Theirs} {
			if sides[i] = tree.Absent; text != "" {
				sides[i] = decode(t, []byte(text))
			}
		}
		out[c.Pointer] = sides
	}
	return out
}

// changes returns the pointers at which a and b differ, as deep as both are objects, with the value
// in b.
func changes(pointer string, a, b tree.Value) map[string]tree.Value {
	out := map[string]tree.Value{}
	x, isX := a.(tree.Object)
	y, isY := b.(tree.Object)
	switch {
	case tree.Same(a, b):
	case isX && isY:
		for _, m := range slices.Concat(x, y) {
			for p, v := range changes(pointer+token(m.Name), x.Get(m.Name), y.Get(m.Name)) {
				out[p] = v
			}
		}
	default:
		out[pointer] = b
	}
	return out
}

// touches reports whether a conflict stands at the pointer, above it or below it.
func touches(conflicts map[string][3]tree.Value, pointer string) bool {
	for c := range conflicts {
		if strings.HasPrefix(c+"/", pointer+"/") || strings.HasPrefix(pointer+"/", c+"/") {
			return true
		}
	}
	return false
}

func lookUp(v tree.Value, pointer string) tree.Value {
	for _, name := range strings.Split(pointer, "/")[1:] {
		o, _ := v.(tree.Object)
		v = o.Get(fromToken.Replace(name))
	}
	return v
}

// replace returns v with another value, or none, at the pointer.
func replace(v tree.Value, pointer string, by tree.Value) tree.Value {
	if pointer == "" {
		return by
	}
	name, rest, more := strings.Cut(pointer[1:], "/")
	if more {
		rest = "/" + rest
	}
	name = fromToken.Replace(name)
	o := v.(tree.Object)
	return o.With(name, replace(o.Get(name), rest, by))
}

func TestPatchOfProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		doc := g.contact()
		c := mustParse(t, g.document(doc))
		var fields contact.FieldSet
		for range g.n(12) {
			fields |= contact.FieldsOf(g.field())
		}
		again, err := contact.ParseFieldSet(fields.String())
		require.NoError(t, err)
		require.Equal(t, fields, again)

		p, err := contact.PatchOf(c, fields)
		require.NoError(t, err)
		require.Equal(t, fields, p.Fields())
		require.Equal(t, p, mustParsePatch(t, p.AppendJSON(nil)))
		patch := tree.Object{}
		for f := range fields.All() {
			v := doc.Get(f.String())
			require.Equal(t, v == tree.Absent, clearedBy(p).Has(f), "%s", f)
			if v == tree.Absent {
				v = nil
			}
			patch = patch.With(f.String(), v)
		}
		require.Equal(t, patch, decodeObject(t, p.AppendJSON(nil)))

		// The fields are carried over to another state of the contact.
		other := mustParse(t, g.document(g.edit(doc)))
		merged, _, err := contact.Options{AllowStale: true}.Merge(other, p, time.Time{})
		require.NoError(t, err)
		got := decodeObject(t, merged.AppendJSON(nil))
		for f := range (fields & contact.WritableFields &^ contact.FieldsOf(contact.FieldMetaPublic)).All() {
			require.True(t, tree.Same(doc.Get(f.String()), got.Get(f.String())), "%s", f)
		}
	})
}

// wrong has values that a field of each kind does not take, with the fault of each: the rule and
// what follows the field's own pointer.
var wrong = map[string][]struct {
	text   string
	faults []string
}{
	"id": {
		{`7`, []string{"type "}}, {`[]`, []string{"type "}}, {`{}`, []string{"type "}}, {`true`, []string{"type "}},
		{`""`, []string{"uuid "}}, {`"7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b"`, []string{"uuid "}},
		{`{"a":1,"a":2}`, []string{"type ", "duplicate /a"}},
	},
	"constant":  {{`7`, []string{"type "}}, {`false`, []string{"type "}}, {`""`, []string{"enum "}}, {`"contacts"`, []string{"enum "}}},
	"string":    {{`7`, []string{"type "}}, {`[""]`, []string{"type "}}, {`{}`, []string{"type "}}, {`false`, []string{"type "}}, {`[{"b":1,"b":1}]`, []string{"type ", "duplicate /0/b"}}},
	"date":      {{`19900101`, []string{"type "}}, {`""`, []string{"date "}}, {`"1990-02-29"`, []string{"date "}}, {`"1990-01-01T00:00:00Z"`, []string{"date "}}},
	"timezone":  {{`-5`, []string{"type "}}, {`""`, []string{"timezone "}}, {`"+05:00"`, []string{"timezone "}}, {`"america/chicago"`, []string{"timezone "}}},
	"boolean":   {{`"true"`, []string{"type "}}, {`0`, []string{"type "}}, {`1`, []string{"type "}}, {`[]`, []string{"type "}}, {`{}`, []string{"type "}}},
	"object":    {{`[]`, []string{"type "}}, {`"{}"`, []string{"type "}}, {`1`, []string{"type "}}, {`true`, []string{"type "}}, {`{"a":[{"b":1,"b":1}]}`, []string{"duplicate /a/0/b"}}},
	"timestamp": {{`0`, []string{"type "}}, {`{}`, []string{"type "}}, {`""`, []string{"timestamp "}}, {`"2024-01-02"`, []string{"timestamp "}}, {`"2024-01-02T03:04:05"`, []string{"timestamp "}}},
	"ids": {
		{`"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"`, []string{"type "}}, {`{}`, []string{"type "}}, {`0`, []string{"type "}},
		{`[null]`, []string{"type /0"}}, {`["x",1,"y"]`, []string{"uuid /0", "type /1", "uuid /2"}},
	},
	"enum":    {{`7`, []string{"type "}}, {`{}`, []string{"type "}}, {`""`, []string{"enum "}}, {`"no such"`, []string{"enum "}}},
	"strings": {{`"a"`, []string{"type "}}, {`{}`, []string{"type "}}, {`["a",1,null,["b"]]`, []string{"type /1", "type /2", "type /3"}}, {`[{"a":1,"a":2}]`, []string{"type /0", "duplicate /0/a"}}},
}

// TestEveryFieldAndRule walks the exported field table: one body per field and violation, each with
// exactly that fault.
func TestEveryFieldAndRule(t *testing.T) {
	g := newMaker(1)
	whole := g.contact()
	for f := contact.FieldID; f <= lastField; f++ {
		if whole.Get(f.String()) == tree.Absent {
			whole = whole.With(f.String(), g.value(f))
		}
	}
	// body prints the whole contact, or a patch of one field, with a text in place of the field's
	// value.
	body := func(f contact.Field, text string) (contactBody, patchBody []byte) {
		contactBody = []byte("{")
		for _, m := range whole {
			value := text
			if m.Name != f.String() {
				value = g.print(m.Value)
			}
			if value != "" {
				if len(contactBody) > 1 {
					contactBody = append(contactBody, ',')
				}
				contactBody = append(contactBody, g.print(m.Name)+":"+value...)
			}
		}
		return append(contactBody, '}'), []byte("{" + g.print(f.String()) + ":" + text + "}")
	}
	check := func(t *testing.T, f contact.Field, text string, inPatch, inContact, inStored []string) {
		contactBody, patchBody := body(f, text)
		_, err := contact.ParsePatch(patchBody)
		require.Equal(t, inPatch, faults(t, err), "ParsePatch of %s", patchBody)
		require.Equal(t, inPatch, faults(t, contact.CheckPatch(patchBody)), "CheckPatch of %s", patchBody)
		require.Equal(t, inPatch, faults(t, contact.Options{}.CheckField(f, []byte(text))), "CheckField of %s", text)
		_, err = contact.Parse(contactBody)
		require.Equal(t, inContact, faults(t, err), "Parse of %s", contactBody)
		require.Equal(t, inContact, faults(t, contact.Check(contactBody)), "Check of %s", contactBody)
		require.Equal(t, inContact, faults(t, contact.Options{RequireComplete: true}.CheckPatch(contactBody)), "complete %s", contactBody)
		_, err = contact.ParseStored(contactBody)
		require.Equal(t, inStored, faults(t, err), "ParseStored of %s", contactBody)
	}
	require.Len(t, whole, int(lastField)+1)
	for f := contact.FieldID; f <= lastField; f++ {
		t.Run(f.String(), func(t *testing.T) {
			pointer := "/" + f.String()
			check(t, f, g.print(whole.Get(f.String())), nil, nil, nil)

			isNull := []string{"null " + pointer}
			if contact.RequiredFields.Has(f) {
				check(t, f, "null", isNull, isNull, isNull)
				missing, _ := body(f, "")
				want := []string{"required " + pointer}
				require.Equal(t, want, faults(t, contact.Check(missing)))
				_, err := contact.ParseStored(missing)
				require.Equal(t, want, faults(t, err))
			} else {
				check(t, f, "null", nil, isNull, nil)
				missing, _ := body(f, "")
				require.NoError(t, contact.Check(missing))
			}

			violations := wrong[f.Kind().String()]
			require.NotEmpty(t, violations, "violations of kind %s", f.Kind().String())
			for _, w := range violations {
				var want []string
				for _, fault := range w.faults {
					rule, rest, _ := strings.Cut(fault, " ")
					want = append(want, rule+" "+pointer+rest)
				}
				stored := want
				listed := f.Kind() == contact.KindTimezone || f.Kind() == contact.KindEnum
				if listed && !slices.Equal(want, []string{"type " + pointer}) {
					stored = nil // which timezones and strings there are changes while they are stored
				}
				check(t, f, w.text, want, want, stored)
			}

			value := g.print(whole.Get(f.String()))
			twice := []byte("{" + g.print(f.String()) + ":" + value + "," + g.print(f.String()) + ":" + value + "}")
			require.Equal(t, []string{"duplicate " + pointer}, faults(t, contact.CheckPatch(twice)))
			for _, name := range []string{strings.ToUpper(f.String()), f.String() + " ", " " + f.String(), f.String() + "x", f.String()[1:]} {
				if _, ok := contact.FieldByName(name); !ok {
					require.Equal(t, []string{"unknown /" + name}, faults(t, contact.CheckPatch([]byte("{"+g.print(name)+":null}"))))
				}
			}
		})
	}
}

// manners are ways to write a member. The reader is quick with the first and must find the same in
// the others.
var manners = []func(name, value string) string{
	func(name, value string) string { return `"` + name + `":` + value },
	func(name, value string) string { return `"` + name + `": ` + value },
	func(name, value string) string { return "\n\t \r\"" + name + "\" :\t\n" + value + " " },
	func(name, value string) string { return fmt.Sprintf(`"\u%04x%s":%s`, name[0], name[1:], value) },
}

// TestMannersDoNotMatter: what is wrong with known fields, and what is read of them where nothing
// is, is the same in every order of the members and however they are written.
func TestMannersDoNotMatter(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		var members [][2]string
		faulty, whole := g.n(3) == 0, g.n(2) == 0
		for f := contact.FieldID; f <= lastField; f++ {
			value := g.print(g.value(f))
			switch w := wrong[f.Kind().String()]; {
			case faulty && g.n(4) == 0:
				value = w[g.n(len(w))].text
			case !whole && g.n(2) == 0:
				continue
			case !contact.RequiredFields.Has(f) && g.n(4) == 0:
				if value = "null"; whole {
					continue
				}
			}
			members = append(members, [2]string{f.String(), value})
		}
		var want [2]error
		var wantContact *contact.Contact
		var wantPatch *contact.Patch
		for i := range 2 * len(manners) {
			var texts []string
			for j, m := range members {
				how := i
				if i >= len(manners) {
					how = j + g.n(2)
				}
				texts = append(texts, manners[how%len(manners)](m[0], m[1]))
			}
			body := []byte("{" + strings.Join(texts, ",") + "}")
			got := [2]error{contact.Check(body), contact.CheckPatch(body)}
			c, err := contact.Parse(body)
			require.Equal(t, got[0], err, "Parse and Check of %s", body)
			p, err := contact.ParsePatch(body)
			require.Equal(t, got[1], err, "ParsePatch and CheckPatch of %s", body)
			if i == 0 {
				want, wantContact, wantPatch = got, c, p
			}
			require.True(t, reflect.DeepEqual(want, got), "%s", body)
			require.Equal(t, wantContact, c, "%s", body)
			require.Equal(t, wantPatch, p, "%s", body)
			for i := len(members) - 1; i > 0; i-- {
				j := g.n(i + 1)
				members[i], members[j] = members[j], members[i]
			}
		}
	})
}
