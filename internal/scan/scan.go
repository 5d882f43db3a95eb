// Package scan reads JSON texts strictly, in one pass over a string.
//
// It accepts the JSON of RFC 8259 with the restrictions of RFC 7493 (I-JSON): valid UTF-8 without a
// byte order mark, no lone surrogate escapes, and no member name twice in an object. A Scanner does not
// allocate if a text has no duplicates and its objects have at most 64 members. Its stack grows with
// the nesting, which is bounded.
//
// The other functions, such as Cut, Unquote, EqualStrings and AppendCompact, work on texts that a
// Scanner has accepted.
package scan

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// A Fault is the reason that a text is rejected. Its String is a sentence for the person who sent the
// text.
type Fault uint8

const (
	None Fault = iota
	Empty
	BOM
	End
	Trailing
	Value
	Name
	Colon
	Comma
	Number
	Control
	Escape
	Surrogate
	UTF8
	Depth
)

var faults = [...]string{
	None:      "",
	Empty:     "The body is empty: send a JSON object.",
	BOM:       "The text begins with a byte order mark: send the JSON text without it.",
	End:       "The JSON text ends too early: close every string, array and object.",
	Trailing:  "Something follows the end of the JSON text: send one JSON value and nothing after it.",
	Value:     "A JSON value must stand here: an object, an array, a string, a number, true, false or null.",
	Name:      "A member name in double quotes must stand here.",
	Colon:     "A colon must follow the member name.",
	Comma:     "A comma or the closing bracket must stand here.",
	Number:    "This is not a JSON number: write it as in 0, -1, 2.5 or 1e3.",
	Control:   "A string holds a control character: escape it, as in \\n.",
	Escape:    "A string holds an escape that JSON does not have.",
	Surrogate: "A string holds one half of a surrogate pair: write both halves or the character itself.",
	UTF8:      "The text is not valid UTF-8: encode it as UTF-8.",
	Depth:     "Arrays and objects are nested too deeply here.",
}

func (f Fault) String() string { return faults[f] }

// faultNames is separate from faults so that the linker drops it from a program that does not call
// Name, such as the npm package.
var faultNames = [...]string{
	"", "empty", "bom", "end", "trailing", "value", "name", "colon", "comma", "number", "control", "escape",
	"surrogate", "utf8", "depth",
}

// Name returns the name of the fault, one word that is as stable as a rule.
func (f Fault) Name() string { return faultNames[f] }

// MaxText is the maximum length of a text in bytes. A Scanner stores offsets in 32 bits.
const MaxText = 1<<31 - 2

// A Scanner reads one text from front to back. After the first fault every method returns at once.
type Scanner struct {
	text     string
	pos      int
	depth    int
	maxDepth int // limit of open brackets inside the text
	around   int // number of open brackets around the text

	fault   Fault
	faultAt int

	// Spaces counts the bytes of insignificant white space read so far.
	Spaces int

	// Duplicates holds a pointer to each repeated member that Skip has found, up to the limit given
	// to Init. The owner empties it.
	Duplicates    []Pointer
	maxDuplicates int

	base string

	// path is the path of the current value: for each open bracket the offset of the current
	// member's name, or the complement of the current index. Being an array it needs no heap at the
	// usual depth.
	path [64]int32
	deep []int32
}

// New returns a Scanner at the start of text; see Init.
func New(text string, maxDepth, maxDuplicates int) *Scanner {
	s := new(Scanner)
	s.Init(text, maxDepth, maxDuplicates)
	return s
}

// Init sets a zero Scanner to the start of text, which must have at most MaxText bytes. At most
// maxDepth brackets may be open at a time. Duplicates holds at most maxDuplicates pointers.
func (s *Scanner) Init(text string, maxDepth, maxDuplicates int) {
	s.text, s.maxDepth, s.maxDuplicates = text, maxDepth, maxDuplicates
}

// Inside declares that the text is part of a larger one. Every Pointer begins with base, and depth
// brackets around the text are open.
func (s *Scanner) Inside(base string, depth int) {
	s.base = base
	s.around, s.maxDepth = depth, s.maxDepth-depth
}

// MaxDepth returns the maximum number of open brackets, including those around the text.
func (s *Scanner) MaxDepth() int { return s.around + s.maxDepth }

// Fault returns the fault of the text and its byte offset, or None.
func (s *Scanner) Fault() (Fault, int) { return s.fault, s.faultAt }

// OK reports whether no fault has been found.
func (s *Scanner) OK() bool { return s.fault == None }

// Pos returns the offset of the next byte.
func (s *Scanner) Pos() int { return s.pos }

// Inlining fail would make the npm package larger.
//
//go:noinline
func (s *Scanner) fail(f Fault, at int) {
	if s.fault == None {
		s.fault, s.faultAt = f, at
	}
	s.pos = len(s.text)
}

// want records the fault f, or that the text has ended.
func (s *Scanner) want(f Fault) {
	if s.pos >= len(s.text) {
		f = End
	}
	s.fail(f, s.pos)
}

// Start rejects an empty text and a byte order mark, and skips to the first value.
func (s *Scanner) Start() {
	if len(s.text) >= 3 && s.text[:3] == "\xef\xbb\xbf" {
		s.fail(BOM, 0)
		return
	}
	if s.Peek() == 0 && s.pos >= len(s.text) {
		s.fail(Empty, s.pos)
	}
}

// Finish rejects anything but white space after the value.
func (s *Scanner) Finish() {
	if s.Peek(); s.OK() && s.pos < len(s.text) {
		s.fail(Trailing, s.pos)
	}
}

// Peek skips white space and returns the next byte, or 0 at the end of the text. It is small enough to
// be inlined.
func (s *Scanner) Peek() (c byte) {
	if s.pos < len(s.text) {
		if c = s.text[s.pos]; c > ' ' {
			return
		}
	}
	return s.skipSpace()
}

//go:noinline
func (s *Scanner) skipSpace() byte {
	start := s.pos
	for ; s.pos < len(s.text); s.pos++ {
		if c := s.text[s.pos]; !IsSpace(c) {
			s.Spaces += s.pos - start
			return c
		}
	}
	s.Spaces += s.pos - start
	return 0
}

// IsSpace reports whether c is insignificant white space between tokens (RFC 8259 §2).
func IsSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// Open reads the bracket at the current position, which the caller has peeked.
func (s *Scanner) Open() {
	if s.depth >= s.maxDepth {
		s.fail(Depth, s.pos)
		return
	}
	s.pos++
	s.depth++
	s.mark(-1)
}

func (s *Scanner) close() {
	s.pos++
	s.depth--
}

func (s *Scanner) mark(step int32) {
	if s.depth <= len(s.path) {
		s.path[(s.depth-1)&63] = step
		return
	}
	for len(s.deep) < s.depth-len(s.path) {
		s.deep = append(s.deep, 0)
	}
	s.deep[s.depth-len(s.path)-1] = step
}

func (s *Scanner) step(depth int) int32 {
	if depth <= len(s.path) {
		return s.path[depth-1]
	}
	return s.deep[depth-len(s.path)-1]
}

// More moves to the name of the next member of the open object. It returns false after a fault and at
// the end of the object, which it closes. first is true if no member has been read yet.
func (s *Scanner) More(first bool) bool {
	c := s.Peek()
	switch {
	case c == '}':
		s.close()
		return false
	case first:
	case c != ',':
		s.want(Comma)
		return false
	default:
		s.pos++
		c = s.Peek()
	}
	if c != '"' {
		s.want(Name)
		return false
	}
	return true
}

// Name reads the name at which More stopped, and its colon. It returns false after a fault.
func (s *Scanner) Name() (name String, ok bool) {
	t, i := s.text, s.pos+1
	s.mark(int32(i))
	if end := PlainEnd(t, i); end+1 < len(t) && t[end] == '"' && t[end+1] == ':' {
		s.pos = end + 2
		return String{Start: i, End: end}, true
	}
	name = s.String()
	if s.Peek() != ':' {
		if s.OK() {
			s.want(Colon)
		}
		return name, false
	}
	s.pos++
	return name, true
}

// PlainEnd returns the offset of the first byte, at i or after it, that is a quote, a backslash, a
// control character or not ASCII. If there is none, it returns len(t).
func PlainEnd(t string, i int) int {
	for i+8 <= len(t) {
		if m := special(Load64(t, i)); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(t) && plain(t[i]) {
		i++
	}
	return i
}

// Key reads the name and the colon of a member of the outermost object if the text continues with key,
// for example `,"city":`, and reports whether it does. before is the offset of the name in key. With a
// comma before the name, Key replaces a call of More; without one, More must have been called. It is
// small enough to be inlined.
func (s *Scanner) Key(key string, before int) bool {
	if !strings.HasPrefix(s.text[s.pos:], key) {
		return false
	}
	s.path[0] = int32(s.pos + before)
	s.pos += len(key)
	return true
}

// Element moves to element i of the open array, which must be the next one. It returns false after a
// fault and at the end of the array, which it closes.
func (s *Scanner) Element(i int) bool {
	c := s.Peek()
	if c == ']' {
		s.close()
		return false
	}
	if i > 0 {
		if c != ',' {
			s.want(Comma)
			return false
		}
		s.pos++
	}
	s.mark(int32(^i))
	return s.OK()
}

// A String is the span of a string's content in the text, without the quotes.
type String struct {
	Start, End int
	Escaped    bool // the content has a backslash
}

// Raw returns the content of v, still escaped.
func (s *Scanner) Raw(v String) string { return s.text[v.Start:v.End] }

// Unquoted returns the content of v after unescaping. It allocates only if v has escapes.
func (s *Scanner) Unquoted(v String) string {
	if v.Escaped {
		return Unquote(s.Raw(v))
	}
	return s.Raw(v)
}

// Text returns the whole text.
func (s *Scanner) Text() string { return s.text }

// NameStart returns the offset of the name of the current member.
func (s *Scanner) NameStart() int { return int(s.step(s.depth)) - 1 }

// Back moves back to offset pos, the start of a value that has been read.
func (s *Scanner) Back(pos int) { s.pos = pos }

// Since returns the text from offset start to the next byte.
func (s *Scanner) Since(start int) string { return s.text[start:s.pos] }

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// String reads the string at the current position, which the caller has peeked.
func (s *Scanner) String() String {
	i := s.pos + 1
	end := PlainEnd(s.text, i)
	if end < len(s.text) && s.text[end] == '"' {
		s.pos = end + 1
		return String{Start: i, End: end}
	}
	return s.rest(i, end)
}

// Quoted returns the next n bytes after the quote at the current position, which the caller has
// peeked, if a quote follows them. It does not judge them: they are a string's content if they are
// plain, and then Pass moves behind it.
func (s *Scanner) Quoted(n int) (content string, ok bool) {
	start := s.pos + 1
	if end := start + n; end < len(s.text) && s.text[end] == '"' {
		return s.text[start:end], true
	}
	return "", false
}

// Pass moves behind the string whose content of n plain bytes Quoted has returned.
func (s *Scanner) Pass(n int) { s.pos += n + len(`""`) }

// rest reads the rest of a string whose content begins at start and is plain up to i.
func (s *Scanner) rest(start, i int) String {
	t := s.text
	v := String{Start: start}
	for {
		if i = PlainEnd(t, i); i >= len(t) {
			s.fail(End, len(t))
			return v
		}
		switch c := t[i]; {
		case c == '"':
			v.End = i
			s.pos = i + 1
			return v
		case c == '\\':
			v.Escaped = true
			n, f := escape(t[i:])
			if f != None {
				if f == End {
					i = len(t)
				}
				s.fail(f, i)
				return v
			}
			i += n
		case c < ' ':
			s.fail(Control, i)
			return v
		default: // not ASCII
			if i = nonASCIIEnd(t, i); i < len(t) && t[i] >= utf8.RuneSelf {
				s.fail(UTF8, i)
				return v
			}
		}
	}
}

// nonASCIIEnd returns the offset of the first byte, at i or after it, that is ASCII or does not
// begin a valid UTF-8 sequence. Masks recognize most sequences of two and three bytes; unicode/utf8
// checks the rest.
func nonASCIIEnd(t string, i int) int {
	for i < len(t) && t[i] >= utf8.RuneSelf {
		if !Small && i+8 <= len(t) {
			x := Load64(t, i)
			// A first byte of E0 or ED restricts the second one; any other E1 to EF does not.
			if x&0xc0c0f0 == 0x8080e0 && x&0xf != 0 && x&0xf != 0xd {
				i += 3
				continue
			}
			// C0 and C1 would begin an overlong sequence.
			if x&0xc0e0 == 0x80c0 && x&0x1e != 0 {
				i += 2
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(t[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return i
}

// special sets the highest bit of each byte of x that is a quote, a backslash, a control character or
// not ASCII. A borrow can set a wrong bit only above a right one. Callers use only the lowest bit.
func special(x uint64) uint64 {
	return ((x - ' '*lows) | ((x ^ '"'*lows) - lows) | ((x ^ '\\'*lows) - lows) | x) & highs
}

func plain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

// Load64 returns the eight bytes of t that begin at i, the first in the lowest bits. The compiler
// makes one load of it.
func Load64(t string, i int) uint64 {
	b := t[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// escape returns the length of the escape sequence at the start of t. A surrogate pair is one sequence.
func escape(t string) (int, Fault) {
	if len(t) < 2 {
		return 0, End
	}
	switch t[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, None
	case 'u':
	default:
		return 0, Escape
	}
	hi, f := hex4(t[2:])
	switch {
	case f != None:
		return 0, f
	case hi < 0xd800 || hi > 0xdfff:
		return 6, None
	case hi > 0xdbff:
		return 0, Surrogate
	case len(t) == 6:
		return 0, End
	case t[6] != '\\':
		return 0, Surrogate
	case len(t) == 7:
		return 0, End
	case t[7] != 'u':
		return 0, Surrogate
	}
	lo, f := hex4(t[8:])
	if f == None && (lo < 0xdc00 || lo > 0xdfff) {
		f = Surrogate
	}
	return 12, f
}

func hex4(t string) (r rune, f Fault) {
	for i := range 4 {
		if i >= len(t) {
			return 0, End
		}
		d := unhex(t[i])
		if d > 15 {
			return 0, Escape
		}
		r = r<<4 | rune(d)
	}
	return r, None
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// Boolean reads true or false; the caller has peeked its first letter.
func (s *Scanner) Boolean() bool {
	if strings.HasPrefix(s.text[s.pos:], "true") {
		s.pos += len("true")
		return true
	}
	if strings.HasPrefix(s.text[s.pos:], "false") {
		s.pos += len("false")
		return false
	}
	if s.text[s.pos] == 't' {
		s.misspelled("true")
	} else {
		s.misspelled("false")
	}
	return false
}

// Null reads null, of which the caller has peeked the first letter. It returns false after a fault.
func (s *Scanner) Null() bool {
	if strings.HasPrefix(s.text[s.pos:], "null") {
		s.pos += len("null")
		return true
	}
	s.misspelled("null")
	return false
}

// misspelled records the fault of a literal that begins like word but differs from it or ends early.
func (s *Scanner) misspelled(word string) {
	if strings.HasPrefix(word, s.text[s.pos:]) {
		s.fail(End, len(s.text))
	} else {
		s.fail(Value, s.pos)
	}
}

// Skip reads any value, recording the members that its objects repeat.
func (s *Scanner) Skip() {
	switch c := s.Peek(); c {
	case '"':
		s.String()
	case '{':
		s.object()
	case '[':
		s.Open()
		for i := 0; s.Element(i); i++ {
			s.Skip()
		}
	case 't', 'f':
		s.Boolean()
	case 'n':
		s.Null()
	default:
		if c == '-' || isDigit(c) {
			s.number()
			return
		}
		s.want(Value)
	}
}

func (s *Scanner) object() {
	var names NameSet
	s.Open()
	for first := true; s.More(first); first = false {
		name, ok := s.Name()
		if !ok {
			return
		}
		if s.Repeated(&names, name) {
			s.Duplicate()
		}
		s.Skip()
	}
}

// number reads a number (RFC 8259 §6).
func (s *Scanner) number() {
	t, i := s.text, s.pos
	if t[i] == '-' {
		i++
	}
	if i < len(t) && t[i] == '0' {
		i++
	} else if i = digits(t, i); i < 0 {
		s.fail(Number, s.pos)
		return
	}
	if i < len(t) && t[i] == '.' {
		if i = digits(t, i+1); i < 0 {
			s.fail(Number, s.pos)
			return
		}
	}
	if i < len(t) && t[i]|0x20 == 'e' {
		i++
		if i < len(t) && (t[i] == '+' || t[i] == '-') {
			i++
		}
		if i = digits(t, i); i < 0 {
			s.fail(Number, s.pos)
			return
		}
	}
	// A character after 0 in 01, or after 1 in 1x, is part of a bad number rather than a missing comma.
	if i < len(t) && (isDigit(t[i]) || t[i] == '.' || t[i] == '+' || t[i] == '-' || 'a' <= t[i]|0x20 && t[i]|0x20 <= 'z') {
		s.fail(Number, s.pos)
		return
	}
	s.pos = i
}

// digits returns the offset after one or more digits at i, or -1.
func digits(t string, i int) int {
	start := i
	for i < len(t) && isDigit(t[i]) {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func isDigit(c byte) bool { return c-'0' <= 9 }
