package contracttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/tree"
)

// withMeta returns the smallest contact with a meta_public.
func withMeta(t testing.TB, meta string) *contact.Contact {
	return mustParse(t, []byte(strings.Replace(minimalText, `"meta_public":{}`, `"meta_public":`+meta, 1)))
}

// mergeMeta merges a patch into a meta_public and returns the text of the result.
func mergeMeta(t testing.TB, target, patch string) (text string, changed bool) {
	merged, set, err := contact.Merge(withMeta(t, target), MustParsePatch(t, []byte(`{"meta_public":`+patch+`}`)), time.Time{})
	require.NoError(t, err)
	require.Zero(t, set&^contact.FieldsOf(contact.FieldMetaPublic))
	return string(merged.MetaPublic), set != 0
}

// numbered writes an object with n members, each from the format and its number.
func numbered(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(format, i)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// TestObjectSizes: the same happens in objects of every size, around the sizes at which the way to find members changes.
func TestObjectSizes(t *testing.T) {
	for _, n := range []int{1, 2, 15, 16, 17, 18, 63, 64, 65, 300} {
		t.Run(row.Name(n), func(t *testing.T) {
			plain, escaped := numbered(n, `"k%[1]d":%[1]d`), numbered(n, `"\u006b%[1]d":%[1]d`)
			other, null := numbered(n, `"k%[1]d":-1%[1]d`), numbered(n, `"k%d":null`)

			for _, spelling := range []string{plain, escaped} {
				text, changed := mergeMeta(t, plain, spelling)
				require.False(t, changed)
				require.Equal(t, plain, text)
				text, changed = mergeMeta(t, spelling, other)
				require.True(t, changed)
				require.Equal(t, strings.ReplaceAll(spelling, `":`, `":-1`), text)
				text, changed = mergeMeta(t, spelling, null)
				require.True(t, changed)
				require.Equal(t, "{}", text)
				text, changed = mergeMeta(t, "{}", spelling)
				require.True(t, changed)
				require.Equal(t, spelling, text)
				text, _ = mergeMeta(t, `{"z":1}`, spelling)
				require.Equal(t, `{"z":1,`+spelling[1:], text)

				p, err := contact.Diff(withMeta(t, plain), withMeta(t, spelling))
				require.NoError(t, err)
				require.Zero(t, p.Fields())
				p, err = contact.Diff(withMeta(t, spelling), withMeta(t, `{}`))
				require.NoError(t, err)
				require.Equal(t, `{"meta_public":`+numbered(n, `"`+spelling[2:strings.Index(spelling, "0\"")]+`%d":null`)+`}`, string(p.AppendJSON(nil)))
			}

			// One member more on either side, or another value, at either end.
			longer := plain[:len(plain)-1] + `,"more":true}`
			for _, pair := range [][2]string{{plain, longer}, {longer, plain}, {plain, strings.Replace(plain, `"k0":0`, `"k0":1`, 1)}, {plain, strings.Replace(plain, `"k0"`, `"kk"`, 1)}} {
				_, changed := mergeMeta(t, `{"a":[`+pair[0]+`]}`, `{"a":[`+pair[1]+`]}`)
				require.True(t, changed, "%s %s", pair[0], pair[1])
				p, err := contact.Diff(withMeta(t, pair[0]), withMeta(t, pair[1]))
				require.NoError(t, err)
				require.Equal(t, contact.FieldsOf(contact.FieldMetaPublic), p.Fields())
				text, _ := mergeMeta(t, pair[0], strings.TrimSuffix(strings.TrimPrefix(string(p.AppendJSON(nil)), `{"meta_public":`), "}"))
				require.True(t, tree.Same(decode(t, []byte(pair[1])), decode(t, []byte(text))), "%s", text)
			}

			merged, conflicts, err := contact.Merge3(withMeta(t, plain), withMeta(t, longer), withMeta(t, other), nil)
			require.NoError(t, err)
			require.Empty(t, conflicts)
			require.Equal(t, other[:len(other)-1]+`,"more":true}`, string(merged.MetaPublic))
			_, conflicts, err = contact.Merge3(withMeta(t, plain), withMeta(t, `{}`), withMeta(t, other), nil)
			require.NoError(t, err)
			require.Len(t, conflicts, n)
			for i, c := range conflicts {
				require.Equal(t, contact.Conflict{Field: contact.FieldMetaPublic, Pointer: fmt.Sprintf("/meta_public/k%d", i), Base: fmt.Sprint(i), Theirs: fmt.Sprintf("-1%d", i)}, c)
			}
		})
	}
}

// TestEqualValues: what a patch repeats is no change, by the contract's meaning of equal.
func TestEqualValues(t *testing.T) {
	for _, pair := range [][2]string{
		{`"a"`, `"\u0061"`}, {`"\u0041\/"`, `"A/"`}, {`"\ud83d\ude00"`, `"😀"`}, {`"\n"`, `"\u000a"`}, {`""`, `""`}, {`1`, `1`}, {`-0`, `-0`}, {`true`, `true`}, {`[]`, `[]`},
		{`[1,"a",[null]]`, `[1,"\u0061",[null]]`}, {`[{"a":1,"b":{"c":[2]}}]`, `[{"b":{"\u0063":[2]},"a":1}]`}, {`[{}]`, `[{}]`}, {`[{"":1}]`, `[{"":1}]`}, {`"\""`, `"\u0022"`},
	} {
		t.Run(row.Name(pair), func(t *testing.T) {
			for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
				text, changed := mergeMeta(t, `{"x":`+p[0]+`}`, `{"x":`+p[1]+`}`)
				require.False(t, changed, "%v", p)
				require.Equal(t, `{"x":`+p[0]+`}`, text, "the stored text stays")
			}
		})
	}
	for _, pair := range [][2]string{
		{`"a"`, `"b"`}, {`"a"`, `"A"`}, {`"a"`, `"aa"`}, {`"\u0061"`, `"\u0062"`}, {`"\u0061"`, `"\u0061a"`}, {`"é"`, `"e\u0301"`}, {`1`, `1.0`}, {`1`, `"1"`}, {`1e2`, `1E2`}, {`100`, `1e2`},
		{`0`, `-0`}, {`true`, `false`}, {`true`, `"true"`}, {`0`, `false`}, {`[]`, `{}`}, {`[]`, `[0]`}, {`[[]]`, `[]`}, {`[1,2]`, `[2,1]`}, {`[1,1]`, `[1]`}, {`[null]`, `[]`}, {`[null]`, `[0]`}, {`""`, `0`},
		{`[{"a":1}]`, `[{"a":2}]`}, {`[{"a":1}]`, `[{"b":1}]`}, {`[{"a":1}]`, `[{"a":1,"b":1}]`}, {`[{"a":null}]`, `[{}]`}, {`[{}]`, `[[]]`}, {`"[]"`, `[]`}, {`"\\u0061"`, `"a"`}, {`12`, `1`}, {`1`, `12`},
	} {
		t.Run(row.Name(pair), func(t *testing.T) {
			for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
				if p[1][0] == '{' {
					continue // a patch of its own
				}
				text, changed := mergeMeta(t, `{"x":`+p[0]+`}`, `{"x":`+p[1]+`}`)
				require.True(t, changed, "%v", p)
				require.Equal(t, `{"x":`+p[1]+`}`, text)
			}
		})
	}
}

// TestNothingChangesBelow: an object that a patch goes into counts as changed only if something in it changes.
func TestNothingChangesBelow(t *testing.T) {
	for _, c := range []struct {
		target, patch string
		changed       bool
	}{
		{`{"a":{"b":{"c":1}}}`, `{"a":{"b":{"c":1}}}`, false}, {`{"a":{"b":{"c":1}}}`, `{"a":{"b":{}}}`, false}, {`{"a":{"b":{"c":1}}}`, `{"a":{"b":{"d":null}}}`, false},
		{`{"a":{"b":{"c":1}}}`, `{"a":{"b":{"c":2}}}`, true}, {`{"a":{"b":{"c":1}},"z":1}`, `{"a":{"b":{"c":2}},"z":1}`, true}, {`{"a":{"b":1},"z":{"y":1}}`, `{"a":{"b":2},"z":{"y":1}}`, true},
		{`{"a":{"b":1},"z":{"y":1}}`, `{"a":{"b":1},"z":{"y":2}}`, true}, {`{"a":{"b":{}}}`, `{"a":{"b":{"c":null}}}`, false}, {`{"a":{"b":[]}}`, `{"a":{"b":{"c":null}}}`, true},
		{`{"a":{}}`, `{"a":{"b":{"c":null}}}`, true}, {`{}`, `{"a":null}`, false}, {`{"a":null}`, `{"a":null}`, true}, {`{"a":"{}"}`, `{"a":{}}`, true},
	} {
		t.Run(row.Name(c.target), func(t *testing.T) {
			text, changed := mergeMeta(t, c.target, c.patch)
			require.Equal(t, c.changed, changed, "%s with %s is %s", c.target, c.patch, text)
			if !changed {
				require.Equal(t, c.target, text)
			}
		})
	}
}

// TestMerge3Order: members stand where theirs has them, those that only ours has after them in their order.
func TestMerge3Order(t *testing.T) {
	merged, conflicts, err := contact.Merge3(
		withMeta(t, `{"a":1,"b":1,"c":{"x":1,"y":1},"d":1}`),
		withMeta(t, `{"new2":1,"d":1,"c":{"n":0,"x":2,"y":1},"b":2,"a":1,"new1":1}`),
		withMeta(t, `{"d":2,"z":1,"c":{"y":1,"x":1,"m":0},"b":1}`), nil)
	require.NoError(t, err)
	require.Empty(t, conflicts)
	require.Equal(t, `{"d":2,"z":1,"c":{"y":1,"x":2,"m":0,"n":0},"b":2,"new2":1,"new1":1}`, string(merged.MetaPublic))

	// Texts stay as their side spelled them; what both have stays as theirs has it.
	merged, conflicts, err = contact.Merge3(withMeta(t, `{"a":"a","b":"b"}`), withMeta(t, `{"\u0061":"\u0061","\u0062":"B","\u0063":"\u0063"}`), withMeta(t, `{"a":"a","b":"\u0062"}`), nil)
	require.NoError(t, err)
	require.Empty(t, conflicts)
	require.Equal(t, `{"a":"a","b":"B","\u0063":"\u0063"}`, string(merged.MetaPublic))
	_, conflicts, err = contact.Merge3(withMeta(t, `{"\u0061":1}`), withMeta(t, `{"a":"\u0062"}`), withMeta(t, `{"a":"\u0063"}`), nil)
	require.NoError(t, err)
	require.Equal(t, []contact.Conflict{{Field: contact.FieldMetaPublic, Pointer: "/meta_public/a", Base: "1", Ours: `"\u0062"`, Theirs: `"\u0063"`}}, conflicts)
}

// TestDeepObjects: the deepest object that any reader lets in can be merged, compared and merged three ways.
func TestDeepObjects(t *testing.T) {
	deep := func(leaf string) string { return strings.Repeat(`{"a":`, 900) + leaf + strings.Repeat("}", 900) }
	r := contact.Options{MaxDepth: -1}
	parse := func(leaf string) *contact.Contact {
		c, err := r.Parse([]byte(strings.Replace(minimalText, `"meta_public":{}`, `"meta_public":`+deep(leaf), 1)))
		require.NoError(t, err)
		return c
	}
	p, err := contact.Diff(parse("1"), parse("2"))
	require.NoError(t, err)
	require.Equal(t, `{"meta_public":`+deep("2")+`}`, string(p.AppendJSON(nil)))
	merged, _, err := r.Merge(parse("1"), p, time.Time{})
	require.NoError(t, err)
	require.Equal(t, deep("2"), string(merged.MetaPublic))

	// What no reader with these options would take again is not made, however the patch was.
	_, changed, err := contact.Merge(SampleContact(t), p, time.Time{})
	require.Equal(t, []string{"depth /meta_public"}, faults(t, err))
	require.Equal(t, limits.MaxDepth, err.(contact.Errors)[0].Meta.Limit)
	require.Zero(t, changed)
	for levels, want := range map[int]bool{limits.MaxDepth - 1: true, limits.MaxDepth: false} {
		t.Run(row.Name(levels), func(t *testing.T) {
			for _, bracket := range []string{`{"[":`, `{"{\"{":`} {
				text := strings.Repeat(bracket, levels) + `"[{"` + strings.Repeat("}", levels)
				p, err := contact.NewPatch().SetText(contact.FieldMetaPublic, text).Patch()
				require.NoError(t, err)
				merged, _, err := contact.Merge(SampleContact(t), p, time.Time{})
				require.Equal(t, want, err == nil, levels)
				if want {
					_, err = contact.ParseStored(merged.AppendJSON(nil))
					require.NoError(t, err)
				}
			}
		})
	}
	// What is too deep already may still shrink, and change.
	for _, leaf := range []string{"2", "null"} {
		t.Run(row.Name(leaf), func(t *testing.T) {
			p, err := contact.NewPatch().SetText(contact.FieldMetaPublic, deep(leaf)).Patch()
			require.NoError(t, err)
			_, changed, err := contact.Merge(parse("1"), p, time.Time{})
			require.NoError(t, err)
			require.Equal(t, "meta_public", changed.String())
		})
	}
	deeper, err := contact.NewPatch().SetText(contact.FieldMetaPublic, `{"b":`+deep("1")+`}`).Patch()
	require.NoError(t, err)
	_, _, err = contact.Merge(parse("1"), deeper, time.Time{})
	require.Equal(t, []string{"depth /meta_public"}, faults(t, err), "nor grow")
	gone, err := contact.NewPatch().SetText(contact.FieldMetaPublic, deep("1")).Patch()
	require.NoError(t, err)
	shallow := SampleContact(t)
	shallow.MetaPublic = `{"a":` + contact.Object(strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40)) + `}`
	_, _, err = contact.Merge(shallow, gone, time.Time{})
	require.Equal(t, []string{"depth /meta_public"}, faults(t, err))
	document := parse("1").AppendJSON(nil)
	version, err := contact.StoredVersion(document)
	require.NoError(t, err, "of a document that other options take")
	require.Equal(t, parse("1").UpdatedAt, version)

	merged, conflicts, err := contact.Merge3(parse("1"), parse("2"), parse("3"), nil)
	require.NoError(t, err)
	require.Equal(t, deep("3"), string(merged.MetaPublic))
	require.Equal(t, []contact.Conflict{{Field: contact.FieldMetaPublic, Pointer: "/meta_public" + strings.Repeat("/a", 44), PointerTruncated: true, Base: "1", Ours: "2", Theirs: "3"}}, conflicts, "a pointer has at most 100 characters")
	_, err = contact.Diff(parse("1"), parse("null"))
	require.Equal(t, "/meta_public"+strings.Repeat("/a", 44), err.(contact.Errors)[0].Pointer)
	require.True(t, err.(contact.Errors)[0].Meta.PointerTruncated)
}
