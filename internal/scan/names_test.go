package scan

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// manyMembers makes an object of members whose names are drawn from a number of different ones, of
// all lengths and in different spellings, some with such an object inside.
func manyMembers(seed uint64, members, names int) string {
	random := rand.New(rand.NewPCG(seed, 0))
	var out strings.Builder
	out.WriteByte('{')
	for i := range members {
		if i > 0 {
			out.WriteByte(',')
		}
		n := random.IntN(names + 1)
		name := strconv.Itoa(n) + strings.Repeat("/é\"~\U0001f600\n", n%7)
		out.WriteByte('"')
		for _, r := range name {
			out.WriteString(spell(string(r), random.IntN(3) == 0))
		}
		out.WriteString(`":`)
		if inside := random.IntN(20); inside == 0 && members > 10 {
			out.WriteString(manyMembers(seed+uint64(i), min(members/10, 9), names))
		} else {
			out.WriteString(strconv.Itoa(inside))
		}
	}
	out.WriteByte('}')
	return out.String()
}

// TestMembers goes through objects of every size from 1 to 200 members, around the 64 that are kept
// in place.
func TestMembers(t *testing.T) {
	for members := 1; members <= 200; members++ {
		// Few are repeated, some, or nearly all.
		names := []int{300, members, 5}[members%3]
		check(t, manyMembers(uint64(members), members, names), 64)
	}
	check(t, manyMembers(0, 2000, 5000), 64)
}

// TestBrokenMembers leaves the colon out after the name of each member in turn.
func TestBrokenMembers(t *testing.T) {
	for n := range 20 {
		text := manyMembers(uint64(n), n, 300)
		check(t, strings.TrimSuffix(text, "}")+`,"last"1}`, 64)
	}
}

// TestRepeatedAnywhere repeats each of the members of an object once, in each of three spellings.
func TestRepeatedAnywhere(t *testing.T) {
	for _, size := range []int{1, 2, 63, 64, 65, 66, 127, 128, 129, 200, 600} {
		var object strings.Builder
		for i := range size {
			fmt.Fprintf(&object, `"member %d":%d,`, i, i)
		}
		for i := range size {
			name := fmt.Sprintf("member %d", i)
			for _, again := range []string{name, spell(name, true), `\u006d` + name[1:]} {
				s := read("{"+object.String()+`"`+again+`":0}`, 1)
				require.True(t, s.OK())
				require.Equal(t, []string{"/" + name}, pointers(s), "%d of %d", i, size)
			}
		}
		s := read("{"+object.String()+`"member":0}`, 1)
		require.Empty(t, s.Duplicates)
	}
}

// colliding makes names of 16 characters that all have one hash. The hash has no secret: after the
// first eight bytes its state is known, so the next eight can be chosen to undo it.
func colliding(t testing.TB, n int) []string {
	const k, last = 0x9e3779b97f4a7c15, 0x4142434445464748
	random := rand.New(rand.NewPCG(1, 2))
	var names []string
	var raw [16]byte
	seen := make(map[string]bool)
search:
	for len(names) < n {
		for i, bits := 0, random.Uint64(); i < 8; i, bits = i+1, bits>>8 {
			raw[i] = 'a' + byte(bits&15)
		}
		state := binary.LittleEndian.Uint64(raw[:8]) * k
		state ^= state >> 32
		binary.LittleEndian.PutUint64(raw[8:], state^last)
		for _, c := range raw[8:] {
			if c < ' ' || c > '~' || c == '"' || c == '\\' || c == '/' || c == '~' {
				continue search
			}
		}
		if name := string(raw[:]); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, name := range names {
		require.Equal(t, hashOf(names[0], "", false), hashOf(name, "", false), "the hash has changed: find its collisions anew")
	}
	return names
}

// hashOf returns the hash of a name in a text in which something may follow it.
func hashOf(name, after string, escaped bool) uint32 {
	return New(name+after, 0, 0).hash(String{End: len(name), Escaped: escaped})
}

// TestHash takes names of every length around the eight bytes that are hashed at once.
func TestHash(t *testing.T) {
	seen := map[uint32]bool{}
	for n := range 40 {
		name := "0123456789012345678901234567890123456789"[:n]
		want := hashOf(name, "", false)
		require.False(t, seen[want], n)
		seen[want] = true
		for _, after := range []string{"1", "1234567", "12345678", "123456789"} {
			require.Equal(t, want, hashOf(name, after, false))
		}
		require.Equal(t, want, hashOf(spell(name, true), "", true))
	}
}

// TestCollisions puts names of one hash into objects that keep them in place, in a table and in a
// map.
func TestCollisions(t *testing.T) {
	names := colliding(t, 3000)
	for _, size := range []int{2, 63, 64, 65, 100, 200, 3000} {
		var object strings.Builder
		for _, name := range names[:size-1] {
			object.WriteString(`"` + name + `":1,`)
		}
		last := names[size-1]
		s := read("{"+object.String()+`"`+last+`":1}`, 1)
		require.True(t, s.OK())
		require.Empty(t, s.Duplicates, size)
		for _, at := range []int{0, size / 2, size - 2} {
			for _, again := range []string{names[at], spell(names[at], true)} {
				s = read("{"+object.String()+`"`+again+`":1,"`+last+`":1}`, 1)
				require.Equal(t, []string{"/" + names[at]}, pointers(s), size)
			}
		}
	}

	set, s := new(NameSet), new(Scanner)
	s.text = strings.Join(names, `"`) + `"`
	for i := range names {
		require.False(t, s.Repeated(set, String{Start: 17 * i, End: 17*i + 16}))
	}
	require.NotNil(t, set.large.byName, "so many collisions are no chance")
	for i := range names {
		require.True(t, s.Repeated(set, String{Start: 17 * i, End: 17*i + 16}))
	}
}

// TestFewNames proves that names which are not chosen to collide stay in place until there are 65.
func TestFewNames(t *testing.T) {
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, `%05x"`, i)
	}
	set, s := new(NameSet), new(Scanner)
	s.text = text.String()
	for i := range 200 {
		require.Equal(t, i > 64, set.large != nil, i)
		require.False(t, s.Repeated(set, String{Start: 6 * i, End: 6*i + 5}))
	}
	for i := range 200 {
		require.True(t, s.Repeated(set, String{Start: 6 * i, End: 6*i + 5}))
	}
}

// TestManyNames fills a table until it has grown, and finds all names in it again, in both spellings.
func TestManyNames(t *testing.T) {
	const count, width = 3000, 5
	var text, spelled strings.Builder
	escaped := len(spell("00000", true))
	for i := range count {
		name := fmt.Sprintf("%05x", i)
		text.WriteString(name + `"`)
		spelled.WriteString(spell(name, true) + `"`)
	}
	set, s := new(NameSet), new(Scanner)
	s.text = text.String() + spelled.String()
	for i := range count {
		require.False(t, s.Repeated(set, String{Start: (width + 1) * i, End: (width+1)*i + width}))
	}
	if !Small {
		require.Nil(t, set.large.byName, "names that nobody chose need no map")
		require.GreaterOrEqual(t, len(set.large.table), 2*count)
		require.Equal(t, count, set.large.n)
	}
	for i := range count {
		require.True(t, s.Repeated(set, String{Start: (width + 1) * i, End: (width+1)*i + width}))
		start := text.Len() + (escaped+1)*i
		require.True(t, s.Repeated(set, String{Start: start, End: start + escaped, Escaped: true}))
	}
}

// TestLateCollisions adds names of one hash to a table: after so many of them a map takes over.
func TestLateCollisions(t *testing.T) {
	hostile := colliding(t, 100)
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("%016d", i))
	}
	names = append(names, hostile...)
	set, s := new(NameSet), new(Scanner)
	s.text = strings.Join(names, `"`) + `"`
	for i := range names {
		require.False(t, s.Repeated(set, String{Start: 17 * i, End: 17*i + 16}), i)
		if i == 99 && !Small {
			require.Nil(t, set.large.byName, "nothing has collided yet")
		}
	}
	require.NotNil(t, set.large.byName, "so many collisions are no chance")
	for i := range names {
		require.True(t, s.Repeated(set, String{Start: 17 * i, End: 17*i + 16}), i)
	}
}

// TestHostileNames compares objects whose names collide with objects of the same size whose names
// do not. The bound is wide, as machines are busy; a quadratic cost would be a thousand times as
// high.
func TestHostileNames(t *testing.T) {
	object := func(names []string) string { return `{"` + strings.Join(names, `":1,"`) + `":1}` }
	hostile := colliding(t, 5000)
	harmless := make([]string, len(hostile))
	for i := range harmless {
		harmless[i] = fmt.Sprintf("%016d", i)
	}
	quickest := func(text string) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			require.Empty(t, read(text, 1).Duplicates)
			best = min(best, time.Since(start))
		}
		return best
	}
	a, b := quickest(object(harmless)), quickest(object(hostile))
	assert.Less(t, b, 50*a)
}
