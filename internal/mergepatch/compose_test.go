package mergepatch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// composed returns what Compose appends and the paths that it calls unrepresentable.
func composed(first, then string) (text string, faults []string) {
	out := Compose([]byte("dst"), first, then, func(path []string) {
		faults = append(faults, strings.Join(path, "/"))
	})
	return strings.TrimPrefix(string(out), "dst"), faults
}

// TestCompose: the members of the first patch in their order and spelling, then the new ones of the second.
func TestCompose(t *testing.T) {
	for _, c := range [][3]string{
		{`{}`, `{}`, `{}`},
		{`{"a":1}`, `{}`, `{"a":1}`},
		{`{}`, `{"a":{"b":null}}`, `{"a":{"b":null}}`},
		{`{"a":1,"b":2}`, `{"c":3,"a":4}`, `{"a":4,"b":2,"c":3}`},
		{`{"a":1}`, `{"a":null}`, `{"a":null}`},
		{`{"a":null}`, `{"a":1}`, `{"a":1}`},
		{`{"a":{"b":1}}`, `{"a":2}`, `{"a":2}`},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"c":null,"d":{"e":1}}}`, `{"a":{"b":1,"c":null,"d":{"e":1}}}`},
		{`{"a":{"b":{"c":1}},"z":0}`, `{"a":{"b":{"d":2}},"y":0}`, `{"a":{"b":{"c":1,"d":2}},"z":0,"y":0}`},
		{`{"\u0061":1}`, `{"a":[null]}`, `{"\u0061":[null]}`},
	} {
		t.Run(row.Name(c[:2]), func(t *testing.T) {
			text, faults := composed(c[0], c[1])
			require.Empty(t, faults)
			require.Equal(t, c[2], text)
		})
	}
}

// TestComposeUnrepresentable: a merge patch merges objects and cannot replace a value by one.
func TestComposeUnrepresentable(t *testing.T) {
	for _, c := range []struct {
		first, then string
		paths       []string
	}{
		{`{"a":null}`, `{"a":{}}`, []string{"a"}},
		{`{"a":1}`, `{"a":{"b":2}}`, []string{"a"}},
		{`{"a":[{}]}`, `{"a":{"b":2}}`, []string{"a"}},
		{`{"a":{"b":{"c":null},"d":1},"e":2}`, `{"e":{},"a":{"d":{},"b":{"c":{}}}}`, []string{"a/b/c", "a/d", "e"}},
		{`{"a":{"b":{"x":1}},"c":{"d":0}}`, `{"a":{"b":{"x":2}},"c":{"d":{}}}`, []string{"c/d"}},
	} {
		t.Run(row.Name([]string{c.first, c.then}), func(t *testing.T) {
			_, faults := composed(c.first, c.then)
			require.Equal(t, c.paths, faults)
		})
	}
}

// TestComposeIsOneAfterTheOther: on any object the patch has the effect of the two.
func TestComposeIsOneAfterTheOther(t *testing.T) {
	fine := 0
	for seed := range uint64(800) {
		r := rand.New(rand.NewPCG(seed, 2))
		target, first, then := object(r, 4), object(r, 3), object(r, 3)
		patch, faults := composed(first, then)
		if faults != nil {
			continue
		}
		fine++
		once, _ := Merge(nil, target, first)
		twice, _ := Merge(nil, string(once), then)
		got, _ := Merge(nil, target, patch)
		require.Equal(t, decoded(t, string(twice)), decoded(t, string(got)), "%s then %s on %s", first, then, target)
	}
	require.Greater(t, fine, 100)
}

// listed returns the differences that Changes yields, as path: before > after.
func listed(before, after string) (list []string) {
	Changes(before, after, func(path []string, before, after string) bool {
		list = append(list, strings.Join(path, "/")+": "+before+" > "+after)
		return true
	})
	return list
}

// TestChanges: the members of before in their order, then those that only after has.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          []string
	}{
		{`{}`, `{}`, nil},
		{`{"a":1,"b":[{"c":"x"}]}`, `{"b":[{"c":"\u0078"}],"a":1}`, nil},
		{`{"a":1,"b":2,"c":3}`, `{"new":0,"c":4,"a":1}`, []string{"b: 2 > ", "c: 3 > 4", "new:  > 0"}},
		{`{"a":null}`, `{}`, []string{"a: null > "}},
		{`{"a":{"b":1,"c":{"d":2}}}`, `{"a":{"c":{"d":3,"e":4}}}`, []string{"a/b: 1 > ", "a/c/d: 2 > 3", "a/c/e:  > 4"}},
		{`{"a":{"b":1},"z":1}`, `{"a":2,"z":{"b":1}}`, []string{`a: {"b":1} > 2`, `z: 1 > {"b":1}`}},
		{`{"a":[1]}`, `{"a":[1,2]}`, []string{"a: [1] > [1,2]"}},
		{`{"a":{}}`, `{}`, []string{"a: {} > "}},
	} {
		t.Run(row.Name([]string{c.before, c.after}), func(t *testing.T) {
			require.Equal(t, c.want, listed(c.before, c.after))
		})
	}
}

// TestChangesPath: a member whose path has over maxPath bytes is compared as a whole, the members beside it are not.
func TestChangesPath(t *testing.T) {
	name := strings.Repeat("n", maxPath-1)
	pair := func(inner string) (string, string) {
		form := fmt.Sprintf(`{"%s":{"%s":{"x":%%s}},"z":{"y":%%s}}`, name, inner)
		return fmt.Sprintf(form, "1", "1"), fmt.Sprintf(form, "2", "2")
	}
	before, after := pair("m")
	require.Equal(t, []string{name + "/m/x: 1 > 2", "z/y: 1 > 2"}, listed(before, after))
	before, after = pair("mm")
	require.Equal(t, []string{name + `/mm: {"x":1} > {"x":2}`, "z/y: 1 > 2"}, listed(before, after))
	require.Empty(t, listed(before, before))
}

// TestChangesStops: after yield has returned false it is not called again.
func TestChangesStops(t *testing.T) {
	before, after := `{"a":{"b":1,"c":1},"d":1}`, `{"a":{"b":2,"c":2},"d":2,"e":2,"f":2}`
	all := listed(before, after)
	require.Len(t, all, 5)
	for most := range len(all) {
		calls := 0
		done := Changes(before, after, func([]string, string, string) bool {
			calls++
			return calls <= most
		})
		require.False(t, done)
		require.Equal(t, most+1, calls)
	}
	require.True(t, Changes(before, after, func([]string, string, string) bool { return true }))
}

// TestChangesDiffer: each change is a difference, no two have one place, and there is none between equal objects only.
func TestChangesDiffer(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		before, after := object(r, 4), object(r, 4)
		var places []string
		equalSides := 0
		Changes(before, after, func(path []string, was, is string) bool {
			places = append(places, strings.Join(path, "\x00"))
			if Equal3(was, is) {
				equalSides++
			}
			return true
		})
		require.Zero(t, equalSides, "%s %s", before, after)
		sorted := slices.Clone(places)
		slices.Sort(sorted)
		require.Equal(t, len(places), len(slices.Compact(sorted)), "no place twice: %s %s", before, after)
		require.Equal(t, Equal(before, after), len(places) == 0, "%s %s", before, after)
	}
}
