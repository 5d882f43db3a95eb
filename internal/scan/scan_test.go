package scan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// TestPointerLength goes over the 100 characters at which a pointer is cut, token by token and
// character by character.
func TestPointerLength(t *testing.T) {
	for _, c := range []string{"a", "é", "\U0001f600", "~", "/", `"`, "\n"} {
		t.Run(row.Name(c), func(t *testing.T) {
			for _, before := range []string{"", "é/~", strings.Repeat("b", 40)} {
				for n := range 110 {
					if testing.Short() && n%7 != len(before)%7 {
						continue
					}
					inside := `{"x":1,"x":2}`
					text := `{"` + spell(before, true) + `":[0,{"` + strings.Repeat(spell(c, n%2 == 0), n) + `":` + inside + `}]}`
					check(t, text, 9)
				}
			}
		})
	}
	s := read(`{"`+strings.Repeat("a", 99)+`":[{"b":1,"b":2}]}`, 9)
	assert.Equal(t, []Pointer{{"/" + strings.Repeat("a", 99), true}}, s.Duplicates)
	s = read(`{"`+strings.Repeat("a", 100)+`":[{"b":1,"b":2}]}`, 9)
	assert.Equal(t, []Pointer{{"", true}}, s.Duplicates)

	t.Run("long arrays", func(t *testing.T) {
		check(t, strings.Repeat("[", 60)+strings.Repeat("0,", 1234)+`{"a":0,"a":0}`+strings.Repeat("]", 60), 64)
	})
	t.Run("inside", func(t *testing.T) {
		s := New(`{"a":[{"b":1,"b":2}]}`, 9, 1)
		s.Inside("/meta_public", 1)
		s.Start()
		s.Skip()
		s.Finish()
		assert.Equal(t, []string{"/meta_public/a/0/b"}, pointers(s))

		// The brackets around it count.
		s = New(`{"a":[{}]}`, 3, 1)
		s.Inside("/meta_public", 1)
		s.Skip()
		fault, offset := s.Fault()
		assert.Equal(t, Depth, fault)
		assert.Equal(t, 6, offset)
	})
}

// TestDeepPointers repeats a name at every depth, beyond the depth that needs no memory of its own.
func TestDeepPointers(t *testing.T) {
	for _, depth := range []int{1, 2, 49, 50, 51, 63, 64, 65, 66, 200, 999} {
		t.Run(row.Name(depth), func(t *testing.T) {
			check(t, strings.Repeat("[", depth)+`{"a":1,"a":2}`+strings.Repeat("]", depth), 1000)
			check(t, strings.Repeat(`{"":`, depth)+`{"a":1,"a":2}`+strings.Repeat("}", depth), 1000)
		})
	}
}

func TestMostDuplicates(t *testing.T) {
	text := "{" + strings.Repeat(`"a":1,`, 500) + `"b":{"c":1,"c":2}}`
	for _, most := range []int{0, 1, 2, 498, 499, 500, 501} {
		s := New(text, 9, most)
		s.Start()
		s.Skip()
		s.Finish()
		assert.True(t, s.OK())
		assert.Len(t, s.Duplicates, min(most, 500))
	}
}

// TestAfterFault calls everything once the text is broken: nothing is read, nothing changes.
func TestAfterFault(t *testing.T) {
	s := read(`{"a":[1,2`, 9)
	fault, offset := s.Fault()
	require.Equal(t, End, fault)
	s.Start()
	assert.Zero(t, s.Peek())
	s.Open()
	assert.False(t, s.More(true))
	assert.False(t, s.More(false))
	assert.False(t, s.Element(0))
	assert.False(t, s.Element(1))
	assert.False(t, s.Null())
	_, ok := s.Name()
	assert.False(t, ok)
	s.Duplicate()
	s.Skip()
	s.Finish()
	assert.Empty(t, s.Duplicates)
	again, at := s.Fault()
	assert.Equal(t, fault, again)
	assert.Equal(t, offset, at)
}

// TestKey: a key is read only where it stands byte for byte, and then as More and Name would.
func TestKey(t *testing.T) {
	for _, key := range []string{`,"a":`, `"a":`, `,"name_first":`} {
		t.Run(row.Name(key), func(t *testing.T) {
			text := key + `1}`
			for i := range text {
				for _, c := range []byte{0, ' ', 'K', '"', ':', 0xff} {
					changed := text[:i] + string([]byte{c}) + text[i+1:]
					s := New("{"+changed, 1, 0)
					s.Open()
					want := strings.HasPrefix(changed, key)
					require.Equal(t, want, s.Key(key, strings.Index(key, `"`)+1), changed)
					if !want {
						require.Equal(t, 1, s.Pos(), "it has read nothing")
						continue
					}
					require.Equal(t, 1+len(key), s.Pos())
					require.Equal(t, "/"+strings.Trim(key, `,":`), s.Pointer().Text)
				}
			}
			for n := range key {
				s := New(key[:n], 1, 0)
				require.False(t, s.Key(key, 1), "the text ends in it")
			}
		})
	}
}

// TestPlainEnd holds the search for the end of a plain string, eight bytes at a time, against a
// search byte by byte.
func TestPlainEnd(t *testing.T) {
	most := 20
	if testing.Short() {
		most = 9
	}
	for before := range most {
		for after := range 10 {
			for c := range 256 {
				text := strings.Repeat("a", before) + string([]byte{byte(c)}) + strings.Repeat("\"", after)
				want := before
				if c >= ' ' && c < 0x80 && c != '"' && c != '\\' {
					want++
				}
				for from := range min(before+1, 9) {
					require.Equal(t, want, PlainEnd(text, from), "%q from %d", text, from)
				}
			}
		}
	}
}

// TestBytes puts every byte into every place of a short string and of other texts, and compares the
// verdicts.
func TestBytes(t *testing.T) {
	for _, text := range []string{`"abcdefghijklmnopq"`, `"abc\ndefgh"`, `"\u00e9\ud83d\ude00"`, "\"é中\U0001f600\"", `{"a" : [ 1.5e+10 , true ]}`, "[null,false]"} {
		t.Run(row.Name(text), func(t *testing.T) {
			for i := range text {
				for b := range 256 {
					check(t, text[:i]+string([]byte{byte(b)})+text[i+1:], 2)
				}
			}
			for i := range len(text) {
				check(t, text[:i], 2)
			}
		})
	}
}

func TestAppendString(t *testing.T) {
	for n := range 40 {
		for b := range 256 {
			checkWritten(t, strings.Repeat("a", n)+string([]byte{byte(b)})+"bcdefghi")
			checkWritten(t, strings.Repeat("~", n)+string([]byte{byte(b)}))
		}
		checkWritten(t, strings.Repeat(" ", n))
	}
}

// hostile are the texts whose cost must stay linear, made about as long as asked for.
var hostile = []struct {
	name string
	make func(size int) string
}{
	{"members", func(size int) string {
		var out strings.Builder
		out.WriteByte('{')
		for i := 0; out.Len() < size-12; i++ {
			fmt.Fprintf(&out, `"%06x":1,`, i)
		}
		out.WriteString(`"":1}`)
		return out.String()
	}},
	{"objects", func(size int) string {
		return "[" + strings.Repeat(`{"a":1,"b":{"c":[]}},`, size/21) + "0]"
	}},
	{"duplicates", func(size int) string {
		return "{" + strings.Repeat(`"a":1,`, size/6) + `"b":1}`
	}},
	{"escaped-duplicates", func(size int) string {
		return "{" + strings.Repeat(`"\u0061":1,"a":1,`, size/17) + `"b":1}`
	}},
	{"nesting", func(size int) string {
		const depth = 999
		one := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		return "[" + strings.Repeat(one+",", size/len(one)) + "0]"
	}},
	{"nested-objects", func(size int) string {
		const depth = 999
		one := strings.Repeat(`{"":`, depth) + "0" + strings.Repeat("}", depth)
		return "[" + strings.Repeat(one+",", size/len(one)) + "0]"
	}},
	{"too-deep", func(size int) string { return strings.Repeat("[", size) }},
	{"string", func(size int) string { return `"` + strings.Repeat("long ", size/5) + `"` }},
	{"unicode", func(size int) string { return `"` + strings.Repeat("é中\U0001f600", size/9) + `"` }},
	{"escapes", func(size int) string { return `"` + strings.Repeat(`\ud83d\ude00\n`, size/14) + `"` }},
	{"long-names", func(size int) string {
		var out strings.Builder
		out.WriteByte('{')
		for i := range 60 {
			fmt.Fprintf(&out, `"%s%02d":1,`, strings.Repeat("n", size/64), i)
		}
		out.WriteString(`"":1}`)
		return out.String()
	}},
	{"numbers", func(size int) string { return "[" + strings.Repeat("-1.5e+10,", size/9) + "0]" }},
	{"spaces", func(size int) string { return strings.Repeat(" ", size/2) + "[]" + strings.Repeat("\n", size/2) }},
}

// TestAllocations proves that a valid text costs no memory if its objects have at most 64 members
// and its brackets are at most 64 deep.
func TestAllocations(t *testing.T) {
	texts := map[string]string{
		"64 members":   manyMembers(1, 64, 1_000_000),
		"64 deep":      strings.Repeat(`[`, 63) + `{"a":1}` + strings.Repeat("]", 63),
		"mixed":        `{"meta":{"a":[1,2.50,"\u0078",{"b":null}],"\u0062":{}},"list":[{"n":"é\ud83d\ude00"}], "t":true}`,
		"objects":      hostile[1].make(1 << 15),
		"long strings": `["` + strings.Repeat(`\n`, 1<<15) + `","` + strings.Repeat("é", 1<<15) + `"]`,
	}
	for name, text := range texts {
		t.Run(row.Name(name), func(t *testing.T) {
			require.Empty(t, repeats(text), name)
			var s Scanner
			n := testing.AllocsPerRun(20, func() {
				s = Scanner{}
				s.Init(text, 64, 100)
				s.Start()
				s.Skip()
				s.Finish()
			})
			require.True(t, s.OK(), name)
			assert.Zero(t, n, name)
		})
	}
}

// TestHostile reads every hostile text in two sizes. What can be counted must grow as the text
// does: the memory.
func TestHostile(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			small, large := h.make(1<<14), h.make(1<<18)
			require.InDelta(t, 16, float64(len(large))/float64(len(small)), 3)
			if h.name != "too-deep" {
				require.True(t, read(large, 1000).OK())
			}
			allocs := func(text string) float64 {
				return testing.AllocsPerRun(3, func() {
					s := New(text, 1000, 100)
					s.Start()
					s.Skip()
					s.Finish()
				})
			}
			assert.LessOrEqual(t, allocs(large), 20*allocs(small)+50)
		})
	}
}

// BenchmarkScan shows the cost per byte, which must not depend on the size, beside that of
// encoding/json.
func BenchmarkScan(b *testing.B) {
	for _, h := range hostile {
		for _, size := range []int{1 << 10, 1 << 15, 1 << 20} {
			text := h.make(size)
			b.Run(fmt.Sprintf("%s/%dKiB", h.name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					s := New(text, 1000, 100)
					s.Start()
					s.Skip()
					s.Finish()
				}
			})
		}
		if text := h.make(1 << 20); h.name != "too-deep" {
			b.Run(h.name+"/json.Valid", func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					json.Valid([]byte(text))
				}
			})
		}
	}
}

// TestNonASCIIEnd compares the masks with unicode/utf8 on all pairs of bytes that a sequence may begin
// with, each before bytes that continue a sequence and bytes that do not.
func TestNonASCIIEnd(t *testing.T) {
	for _, rest := range []string{"", "\x80", "\xbf\x80", "aaaaaaaa", "\x80aaaaaaa", "\x80\x80\x80aaaaa", "\xbfa\x80aaaaa", "\xc0aaaaaaa"} {
		t.Run(row.Name(rest), func(t *testing.T) {
			for first := 0x80; first <= 0xff; first++ {
				for second := range 0x100 {
					text := string([]byte{byte(first), byte(second)}) + rest
					want := 0
					for want < len(text) && text[want] >= utf8.RuneSelf {
						r, n := utf8.DecodeRuneInString(text[want:])
						if r == utf8.RuneError && n == 1 {
							break
						}
						want += n
					}
					require.Equal(t, want, nonASCIIEnd(text, 0), "%x", text)
				}
			}
		})
	}
}
