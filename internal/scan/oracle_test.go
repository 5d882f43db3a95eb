package scan

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The scanner's oracle is encoding/json, and code that is slow and plain for the rules that
// encoding/json does not have. None of it shares anything with the scanner.

// strict reports whether a text is JSON by the stricter rules.
func strict(text string, maxDepth int) bool {
	return json.Valid([]byte(text)) && utf8.ValidString(text) && !loneSurrogate(text) && nesting(text) <= maxDepth
}

// loneSurrogate looks at the escapes of a text that encoding/json accepts.
func loneSurrogate(text string) bool {
	var pending rune // a high surrogate, directly before the current place
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			if pending != 0 {
				return true
			}
			continue
		}
		i++
		if text[i] != 'u' {
			if pending != 0 {
				return true
			}
			continue
		}
		n, err := strconv.ParseUint(text[i+1:i+5], 16, 16)
		if err != nil {
			panic(err)
		}
		i += 4
		switch r := rune(n); {
		case pending != 0:
			if utf16.DecodeRune(pending, r) == utf8.RuneError {
				return true
			}
			pending = 0
		case utf16.IsSurrogate(r):
			if r >= 0xdc00 {
				return true
			}
			pending = r
		}
	}
	return pending != 0
}

// nesting returns the deepest nesting of brackets in a text that encoding/json accepts.
func nesting(text string) (most int) {
	depth := 0
	tokens(text, func(token json.Token) {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			most = max(most, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	})
	return most
}

func tokens(text string, yield func(json.Token)) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			panic(err)
		}
		yield(token)
	}
}

// repeats returns the pointers of the repeated members in a strict text, in the order in which they
// come.
func repeats(text string) (list []Pointer) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	next := func() json.Token {
		token, err := d.Token()
		if err != nil {
			panic(err)
		}
		return token
	}
	var walk func(path []string)
	walk = func(path []string) {
		switch next() {
		case json.Delim('{'):
			names := make(map[string]bool)
			for d.More() {
				name := next().(string)
				inside := append(path[:len(path):len(path)], name)
				if names[name] {
					list = append(list, pointer(inside))
				}
				names[name] = true
				walk(inside)
			}
			next()
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				walk(append(path[:len(path):len(path)], strconv.Itoa(i)))
			}
			next()
		}
	}
	walk(nil)
	return list
}

var tokenEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer builds a JSON Pointer of at most 100 characters.
func pointer(path []string) Pointer {
	var p Pointer
	for _, token := range path {
		longer := p.Text + "/" + tokenEscapes.Replace(token)
		if utf8.RuneCountInString(longer) > 100 {
			p.Truncated = true
			return p
		}
		p.Text = longer
	}
	return p
}

// check holds everything that the package has to say of a text against the oracle.
func check(t testing.TB, text string, maxDepth int) {
	s := read(text, maxDepth)
	require.Equal(t, strict(text, maxDepth), s.OK(), "%q", text)
	if !s.OK() {
		fault, offset := s.Fault()
		checkFault(t, text, fault, offset)
		return
	}
	require.Equal(t, repeats(text), s.Duplicates, "%q", text)

	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(text)))
	require.Equal(t, "x"+compact.String(), string(AppendCompact([]byte("x"), text)))
	require.Equal(t, len(text)-compact.Len(), s.Spaces)
	checkPieces(t, compact.String())
	checkWalk(t, text, maxDepth)
}

// checkFault proves that a fault's offset is where the text goes wrong: what stands before it can
// be continued to a text that encoding/json accepts.
func checkFault(t testing.TB, text string, fault Fault, offset int) {
	require.LessOrEqual(t, offset, len(text), "%q", text)
	var v any
	d := json.NewDecoder(strings.NewReader(text[:offset]))
	d.UseNumber()
	err := d.Decode(&v)
	if err != nil && err != io.EOF {
		require.Equal(t, io.ErrUnexpectedEOF, err, "%s at %d in %q", fault, offset, text)
	}
	switch fault {
	case Trailing:
		require.NoError(t, err, "%q", text)
	case End:
		require.Error(t, err, "%q", text)
		require.Equal(t, len(text), offset, "%q", text)
	case Empty:
		require.Equal(t, len(text), offset, "%q", text)
		require.Empty(t, strings.Trim(text, " \t\r\n"))
	case UTF8:
		r, n := utf8.DecodeRuneInString(text[offset:])
		require.True(t, r == utf8.RuneError && n == 1, "%q", text)
	case Depth:
		require.Contains(t, "[{", text[offset:offset+1])
	case Control:
		require.Less(t, text[offset], byte(' '))
	case Escape, Surrogate:
		require.Equal(t, byte('\\'), text[offset])
	}
}

// checkPieces takes a compact text to pieces with Cut and EndOfValue.
func checkPieces(t testing.TB, text string) {
	d := json.NewDecoder(strings.NewReader(text))
	piece := func() string {
		var raw json.RawMessage
		require.NoError(t, d.Decode(&raw))
		return string(raw)
	}
	switch text[0] {
	case '{':
		_, err := d.Token()
		require.NoError(t, err)
		rest := text[1:]
		for d.More() {
			key, err := d.Token()
			require.NoError(t, err)
			name, value, after, ok := Cut(rest)
			require.True(t, ok, "%q", text)
			require.Equal(t, key, Unquote(name), "%q", text)
			require.Equal(t, piece(), value, "%q", text)
			checkPieces(t, value)
			rest = after
		}
		_, _, _, ok := Cut(rest)
		require.False(t, ok, "%q", text)
		require.Equal(t, "}", rest)
	case '[':
		_, err := d.Token()
		require.NoError(t, err)
		rest := text[1:]
		for d.More() {
			rest = strings.TrimPrefix(rest, ",")
			end := EndOfValue(rest, 0)
			require.Equal(t, piece(), rest[:end], "%q", text)
			checkPieces(t, rest[:end])
			rest = rest[end:]
		}
		require.Equal(t, "]", rest)
	case '"':
		checkContent(t, text[1:len(text)-1])
	}
}

// checkContent holds what an accepted string's content stands for against encoding/json, and its
// hash against that of other spellings.
func checkContent(t testing.TB, raw string) {
	var want string
	require.NoError(t, json.Unmarshal([]byte(`"`+raw+`"`), &want))
	require.Equal(t, want, Unquote(raw))
	require.Equal(t, "x"+want, string(AppendUnquoted([]byte("x"), raw)))
	for _, other := range []string{raw, spell(want, true), spell(want, false)} {
		require.True(t, EqualStrings(raw, other), "%q %q", raw, other)
		require.True(t, EqualStrings(other, raw), "%q %q", raw, other)
		require.Equal(t, hashOf(want, "", false), hashOf(other, "", true), "%q", other)
		require.Equal(t, hashOf(want, "", false), hashOf(want, "beyond it", false), "%q", other)
	}
	for _, other := range []string{raw + "x", raw + `\n`, `\"` + raw, spell(want, true) + "x"} {
		require.False(t, EqualStrings(raw, other), "%q %q", raw, other)
		require.False(t, EqualStrings(other, raw), "%q %q", raw, other)
	}
}

// spell writes a string's content in JSON: as escapes only, or with none that it can do without.
func spell(s string, escapes bool) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case !escapes && r >= ' ' && r != '"' && r != '\\':
			out.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				out.WriteString(`\u` + strconv.FormatUint(1<<16+uint64(unit), 16)[1:])
			}
		}
	}
	return out.String()
}

// checkWalk reads a strict text by the methods that Skip does not use, and compares what it finds
// with the token stream.
func checkWalk(t testing.TB, text string, maxDepth int) {
	var want, got []json.Token
	tokens(text, func(token json.Token) { want = append(want, token) })
	s := New(text, maxDepth+1, 0)
	s.Inside("/base", 1)
	var walk func(path []string)
	walk = func(path []string) {
		at := pointer(append([]string{"base"}, path...))
		require.Equal(t, at, s.Pointer(), "%q", text)
		switch c := s.Peek(); c {
		case '{':
			got = append(got, json.Delim('{'))
			s.Open()
			for first := true; s.More(first); first = false {
				name, ok := s.Name()
				require.True(t, ok)
				got = append(got, s.Unquoted(name))
				walk(append(path[:len(path):len(path)], s.Unquoted(name)))
			}
			got = append(got, json.Delim('}'))
		case '[':
			got = append(got, json.Delim('['))
			s.Open()
			for i := 0; s.Element(i); i++ {
				walk(append(path[:len(path):len(path)], strconv.Itoa(i)))
			}
			got = append(got, json.Delim(']'))
		case '"':
			v := s.String()
			require.Equal(t, bytes.Contains([]byte(s.Raw(v)), []byte(`\`)), v.Escaped)
			got = append(got, s.Unquoted(v))
		case 't', 'f':
			got = append(got, s.Boolean())
		case 'n':
			require.True(t, s.Null())
			got = append(got, nil)
		default:
			start := s.Pos()
			s.Skip()
			got = append(got, json.Number(s.Since(start)))
		}
	}
	s.Start()
	walk(nil)
	s.Finish()
	require.True(t, s.OK())
	require.Equal(t, want, got, "%q", text)
}

// FuzzScan judges any bytes, with a bound on the nesting that is often met.
func FuzzScan(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c.text, uint8(64))
		f.Add(c.text, uint8(1))
	}
	for _, text := range []string{
		strings.Repeat("[", 65) + strings.Repeat("]", 65),
		`{"meta":{"a":[1,2.50,"x",{"b":null}],"\u0061":{}},"list":[{"n":"é\ud83d\ude00"}]}`,
		`{"` + strings.Repeat("long", 30) + `":{"a":1,"a":2},"/~":{"b":{},"b":[]}}`,
	} {
		f.Add(text, uint8(100))
	}
	f.Fuzz(func(t *testing.T, text string, maxDepth uint8) {
		check(t, text, int(maxDepth))
	})
}

// FuzzString judges what may stand in a string, which bytes alone seldom get to.
func FuzzString(f *testing.F) {
	for _, c := range corpus(f) {
		if strings.HasPrefix(c.text, `"`) {
			f.Add(strings.Trim(c.text, `"`), "x")
		}
	}
	f.Add(`a\u0062c`, `abc`)
	f.Add(`\ud83d\ude00`, "\U0001f600")
	f.Add(`12345678`, `1234567\u0038`)
	f.Fuzz(func(t *testing.T, a, b string) {
		check(t, `"`+a+`"`, 0)
		check(t, `{"`+a+`":1,"`+b+`":[]}`, 2)
		checkWritten(t, a)
		if strict(`["`+a+`","`+b+`"]`, 1) && strings.Count(a+b, `"`) == strings.Count(a+b, `\"`) {
			var list []string
			require.NoError(t, json.Unmarshal([]byte(`["`+a+`","`+b+`"]`), &list))
			if len(list) == 2 {
				assert.Equal(t, list[0] == list[1], EqualStrings(a, b), "%q %q", a, b)
			}
		}
	})
}

// checkWritten reads with encoding/json what AppendString writes.
func checkWritten(t testing.TB, s string) {
	want := string([]rune(s)) // each broken byte becomes U+FFFD
	for _, html := range []bool{false, true} {
		text := AppendString([]byte("x"), s, html)[1:]
		var got string
		require.NoError(t, json.Unmarshal(text, &got), "%q", s)
		require.Equal(t, want, got)
		require.Equal(t, html, html && !bytes.ContainsAny(text, "<>&\u2028\u2029"))
		if !strings.ContainsFunc(s, func(r rune) bool {
			return r < ' ' || r == '"' || r == '\\' || html && strings.ContainsRune("<>&\u2028\u2029", r)
		}) {
			require.Equal(t, `"`+want+`"`, string(text), "what need not be escaped is not")
		}
	}
}

// FuzzMembers makes objects of many members from few names in different spellings.
func FuzzMembers(f *testing.F) {
	for n := range 40 {
		f.Add(uint64(n), uint8(5*n), uint8(n))
	}
	f.Fuzz(func(t *testing.T, seed uint64, members, names uint8) {
		check(t, manyMembers(seed, int(members), int(names)), 9)
	})
}
