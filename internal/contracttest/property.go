package contracttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/tree"
)

// checkMerge holds a merge against the slow one over decoded documents, and against the rules that must be
// true of every merge.
func checkMerge(t *testing.T, existingBody, patchBody []byte, now time.Time) {
	existing, p := mustParse(t, existingBody), MustParsePatch(t, patchBody)
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
	require.Equal(t, p, MustParsePatch(t, text), "the patch read back")
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

	// Swapping the sides swaps the sides of conflicts and whose value is kept, and nothing else.
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

// touches reports whether a conflict is at the pointer, above it or below it.
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

// wrong has values that a field of each kind does not take, with the fault of each: the rule and
// the part after the field's own pointer.
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

// manners are ways to write a member. The reader is quick with the first and must find the same in
// the others.
var manners = []func(name, value string) string{
	func(name, value string) string { return `"` + name + `":` + value },
	func(name, value string) string { return `"` + name + `": ` + value },
	func(name, value string) string { return "\n\t \r\"" + name + "\" :\t\n" + value + " " },
	func(name, value string) string { return fmt.Sprintf(`"\u%04x%s":%s`, name[0], name[1:], value) },
}
