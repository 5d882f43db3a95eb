package scan

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/row"
)

// A sample is a line of testdata/corpus.txt.
type sample struct {
	line    int
	text    string
	fault   Fault
	offset  int
	repeats []string
}

// corpus reads the table; a line that is not in order fails the test.
func corpus(t testing.TB) []sample {
	data, err := os.ReadFile("testdata/corpus.txt")
	require.NoError(t, err)
	names := map[string]Fault{
		"Empty": Empty, "BOM": BOM, "End": End, "Trailing": Trailing, "Value": Value, "Name": Name, "Colon": Colon,
		"Comma": Comma, "Number": Number, "Control": Control, "Escape": Escape, "Surrogate": Surrogate, "UTF8": UTF8,
	}
	section := regexp.MustCompile(`^(\d{4} )?§\d+(\.\d+)*$`)
	seen := make(map[string]int)
	var samples []sample
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, "\t")
		require.Len(t, parts, 4, "line %d", i+1)
		require.Regexp(t, section, parts[2], "line %d", i+1)
		require.NotEmpty(t, parts[3], "line %d", i+1)
		s := sample{line: i + 1}
		s.text, err = strconv.Unquote(parts[1])
		require.NoError(t, err, "line %d", i+1)
		require.Zero(t, seen[s.text], "line %d repeats another", i+1)
		seen[s.text] = i + 1
		word, rest, _ := strings.Cut(parts[0], " ")
		switch word {
		case "accept":
			require.Empty(t, rest, "line %d", i+1)
		case "duplicate":
			for rest != "" {
				quoted, err := strconv.QuotedPrefix(rest)
				require.NoError(t, err, "line %d", i+1)
				pointer, err := strconv.Unquote(quoted)
				require.NoError(t, err, "line %d", i+1)
				s.repeats = append(s.repeats, pointer)
				rest = strings.TrimPrefix(rest[len(quoted):], " ")
			}
			require.NotEmpty(t, s.repeats, "line %d", i+1)
		default:
			s.fault = names[word]
			require.NotZero(t, s.fault, "line %d", i+1)
			s.offset, err = strconv.Atoi(rest)
			require.NoError(t, err, "line %d", i+1)
		}
		samples = append(samples, s)
	}
	require.Greater(t, len(samples), 300, "the corpus is not whole")
	return samples
}

// read runs a Scanner over a whole text.
func read(text string, maxDepth int) *Scanner {
	s := New(text, maxDepth, 1<<20)
	s.Start()
	s.Skip()
	s.Finish()
	return s
}

func pointers(s *Scanner) (list []string) {
	for _, p := range s.Duplicates {
		list = append(list, p.Text)
	}
	return list
}

func TestCorpus(t *testing.T) {
	faults := make(map[Fault]int)
	for _, c := range corpus(t) {
		t.Run(fmt.Sprint("line ", c.line), func(t *testing.T) {
			s := read(c.text, 64)
			fault, offset := s.Fault()
			assert.Equal(t, c.fault, fault, "%q: %s", c.text, fault)
			assert.Equal(t, c.offset, offset, "%q", c.text)
			assert.Equal(t, fault == None, s.OK())
			assert.Equal(t, c.repeats, pointers(s))
			faults[fault]++
			// The second opinion.
			accepts := c.fault == None || c.fault == UTF8 || c.fault == Surrogate
			if c.fault == UTF8 {
				// It lets broken UTF-8 pass in strings only, and some of these texts are broken
				// elsewhere, too.
				accepts = json.Valid([]byte(strings.ToValidUTF8(c.text, "?")))
			}
			assert.Equal(t, accepts, json.Valid([]byte(c.text)), "encoding/json on %q", c.text)
			check(t, c.text, 64)
		})
	}
	for f := None; f < Depth; f++ {
		assert.GreaterOrEqual(t, faults[f], 3, "samples of fault %d", f)
	}
}

// TestDepth holds the bound on nesting against texts that go up to it and one further (§9: an
// implementation may set one), for both kinds of brackets, in turns and behind other values.
func TestDepth(t *testing.T) {
	for _, limit := range []int{0, 1, 2, 3, 63, 64, 65, 66, 128, 1000} {
		t.Run(row.Name(limit), func(t *testing.T) {
			for _, unit := range []struct{ open, close string }{
				{"[", "]"}, {`{"a":`, "}"}, {`[{"a":`, "}]"}, {`[1,"b",[],`, "]"}, {"[ ", " ]"},
			} {
				for _, depth := range []int{limit - 1, limit, limit + 1} {
					brackets := strings.Count(unit.open, "[") + strings.Count(unit.open, "{") - strings.Count(unit.open, "]")
					n := depth / brackets
					if n < 1 || unit.open == `[1,"b",[],` && depth == limit {
						continue
					}
					text := strings.Repeat(unit.open, n) + "0" + strings.Repeat(unit.close, n)
					s := read(text, limit)
					fault, offset := s.Fault()
					if most := n * brackets; most <= limit && unit.open != `[1,"b",[],` || most < limit {
						assert.Equal(t, None, fault, "%d of %q at %d", n, unit.open, limit)
						continue
					}
					require.Equal(t, Depth, fault, "%d of %q at %d", n, unit.open, limit)
					// It stands at the first bracket too many.
					want, open := 0, 0
					for ; ; want++ {
						switch text[want] {
						case '[', '{':
							open++
						case ']', '}':
							open--
						}
						if open > limit {
							break
						}
					}
					assert.Equal(t, want, offset, "%d of %q at %d", n, unit.open, limit)
				}
			}
		})
	}
}

func TestFaultSentences(t *testing.T) {
	assert.Empty(t, None.String())
	seen := make(map[string]bool)
	for f := Empty; f <= Depth; f++ {
		text := f.String()
		assert.True(t, strings.HasSuffix(text, "."), text)
		assert.False(t, seen[text], text)
		seen[text] = true
	}
	assert.Len(t, faults, int(Depth)+1)
}
