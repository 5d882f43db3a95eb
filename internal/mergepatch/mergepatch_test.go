package mergepatch

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// TestAppendixA has the rows of RFC 7396, appendix A, in which both sides are objects.
func TestAppendixA(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		t.Run(row.Name(c), func(t *testing.T) {
			merged, changed := Merge([]byte("dst"), c[0], c[1])
			require.Equal(t, "dst"+c[2], string(merged))
			require.True(t, changed)
			merged, changed = Merge(nil, c[2], c[1])
			require.Equal(t, c[2], string(merged), "twice is once")
			require.False(t, changed)
		})
	}
}

// reference is the pseudocode of RFC 7396 §2 on decoded values.
func reference(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for name, v := range p {
		if v == nil {
			delete(t, name)
		} else {
			t[name] = reference(t[name], v)
		}
	}
	return t
}

func decoded(t testing.TB, text string) (v any) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v), "%s", text)
	return v
}

// object writes a random object: few names, so that two of them share some, in any order and
// spelling.
func object(r *rand.Rand, depth int) string {
	names := []string{`a`, `\u0061a`, `b`, `\"`, ``, `c/d`}
	for i := range 12 {
		names = append(names, fmt.Sprint(i))
	}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var members []string
	for _, name := range names[:r.IntN(1+r.IntN(len(names)))] {
		if name == `a` && r.IntN(2) == 0 {
			name = `\u0061`
		}
		members = append(members, `"`+name+`":`+value(r, depth-1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func value(r *rand.Rand, depth int) string {
	scalars := []string{`null`, `true`, `1`, `1.0`, `-1e5`, `"x"`, `"\u0078"`, `""`, `"{"`}
	switch k := r.IntN(12); {
	case k < 4 && depth > 0:
		return object(r, depth)
	case k < 6 && depth > 0:
		var elements []string
		for range r.IntN(4) {
			elements = append(elements, value(r, depth-1))
		}
		return "[" + strings.Join(elements, ",") + "]"
	default:
		return scalars[r.IntN(len(scalars))]
	}
}

// TestAgainstReference holds the functions to decoded values, on random texts.
func TestAgainstReference(t *testing.T) {
	seeds := uint64(3000)
	if testing.Short() {
		seeds = 200
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b, c := object(r, 4), object(r, 4), object(r, 4)

		merged, changed := Merge(nil, a, b)
		require.Equal(t, reference(decoded(t, a), decoded(t, b)), decoded(t, string(merged)), "%s %s", a, b)
		require.Equal(t, !changed, a == string(merged), "what is equal keeps its text: %s %s", a, b)
		for _, pair := range [][2]string{{a, b}, {a, a}, {a, string(merged)}, {b, string(merged)}} {
			want := reflect.DeepEqual(decoded(t, pair[0]), decoded(t, pair[1]))
			require.Equal(t, want, Equal(pair[0], pair[1]), "%s %s", pair[0], pair[1])
			require.Equal(t, want, Equal(pair[1], pair[0]), "%s %s", pair[1], pair[0])
		}

		unrepresentable := 0
		patch := Diff(nil, a, b, func([]string) { unrepresentable++ })
		if unrepresentable == 0 {
			merged, _ = Merge(nil, a, string(patch))
			require.True(t, Equal(b, string(merged)), "%s %s: %s", a, b, patch)
		}
		require.Equal(t, "{}", string(Diff(nil, a, a, func([]string) { t.Error("nothing to say") })))

		no := func([]string, string, string, string) bool { t.Error("a conflict"); return false }
		require.True(t, Equal(b, string(Merge3(nil, a, b, a, no))), "only ours changed")
		require.True(t, Equal(b, string(Merge3(nil, a, a, b, no))), "only theirs changed")
		require.True(t, Equal(b, string(Merge3(nil, a, b, b, no))), "both changed alike")
		kept := Merge3(nil, a, b, c, func(path []string, base, ours, theirs string) bool {
			require.NotEmpty(t, path)
			require.False(t, Equal3(ours, theirs), "%v", path)
			return true
		})
		swapped := Merge3(nil, a, c, b, func([]string, string, string, string) bool { return false })
		require.True(t, Equal(string(kept), string(swapped)), "to keep ours is to swap the sides: %s %s %s", a, b, c)
	}
}

// Equal3 is Equal where a value may be absent.
func Equal3(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	return Equal(a, b)
}

// deep writes objects of n bytes in all, as many as fit, each of so many levels.
func deep(n, levels int, leaf string) string {
	one := strings.Repeat(`{"a":`, levels) + leaf + strings.Repeat("}", levels)
	var members []string
	for i := 0; i == 0 || i*(len(one)+10) < n; i++ {
		members = append(members, fmt.Sprintf(`"%07d":%s`, i, one))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// BenchmarkDepth shows that the cost of a byte does not depend on the depth that it stands at.
func BenchmarkDepth(b *testing.B) {
	const size = 1 << 18
	for _, levels := range []int{0, 61, 900} {
		a, c, d := deep(size, levels, "1"), deep(size, levels, "2"), deep(size, levels, "3")
		array, same := `{"a":[`+a+`]}`, `{"a":[`+strings.Replace(a, `"0000000":`, `"\u0030000000":`, 1)+`]}`
		for name, f := range map[string]func(){
			"Merge":  func() { Merge(nil, a, c) },
			"Equal":  func() { Merge(nil, array, same) },
			"Diff":   func() { Diff(nil, a, c, nil) },
			"Merge3": func() { Merge3(nil, a, c, d, func([]string, string, string, string) bool { return false }) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, levels), func(b *testing.B) {
				b.SetBytes(int64(len(a)))
				for b.Loop() {
					f()
				}
			})
		}
	}
}

// TestArraysHaveNoMembers: where one side has an array, its elements are no members named "".
func TestArraysHaveNoMembers(t *testing.T) {
	fine := func(path []string) { t.Error(path) }
	require.Equal(t, `{"a":{"b":1}}`, string(Diff(nil, `{"a":[1,2]}`, `{"a":{"b":1}}`, fine)))
	require.Equal(t, `{"a":{"":1}}`, string(Diff(nil, `{"a":[1]}`, `{"a":{"":1}}`, fine)))
	require.Equal(t, `{"a":{}}`, string(Diff(nil, `{"a":[1]}`, `{"a":{}}`, fine)))

	never := func([]string, string, string, string) bool { t.Error("a conflict"); return false }
	require.Equal(t, `{"a":{"":1}}`, string(Merge3(nil, `{"a":[1]}`, `{"a":{"":1}}`, `{"a":{}}`, never)))
	require.Equal(t, `{"a":{"":1,"b":2}}`, string(Merge3(nil, `{"a":[1]}`, `{"a":{"b":2}}`, `{"a":{"":1}}`, never)))
}
