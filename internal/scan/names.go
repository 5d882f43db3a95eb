package scan

import (
	"slices"
	"unicode/utf8"
)

// A NameSet is the set of the member names read of one object, compared after unescaping. Up to 64
// are found by their hashes, which have no secret; when there are more, or two names have the same
// hash, which takes somebody who wants it, a map takes over, which the runtime seeds at random.
type NameSet struct {
	bloom  uint64
	n      int
	hashes [64]uint32
	starts [64]int32 // where their contents stand in the text
	byName map[string]struct{}
}

// Repeated reports whether name was in the set, or else adds it.
func (s *Scanner) Repeated(set *NameSet, name String) bool {
	if set.byName != nil {
		return set.mapped(s.Unquoted(name))
	}
	h := s.hash(name)
	if bit := uint64(1) << (h & 63); set.bloom&bit == 0 {
		set.bloom |= bit
	} else if i := slices.Index(set.hashes[:set.n], h); i >= 0 {
		if EqualStrings(s.Raw(name), content(s.text, set.starts[i])) {
			return true
		}
		return s.repeatedOfMany(set, name)
	}
	if set.n == len(set.starts) {
		return s.repeatedOfMany(set, name)
	}
	set.hashes[set.n], set.starts[set.n] = h, int32(name.Start)
	set.n++
	return false
}

// repeatedOfMany moves the set to a map before it goes on.
func (s *Scanner) repeatedOfMany(set *NameSet, name String) bool {
	set.byName = make(map[string]struct{}, 2*set.n)
	for _, at := range set.starts[:set.n] {
		set.mapped(Unquote(content(s.text, at)))
	}
	return set.mapped(s.Unquoted(name))
}

// mapped reports whether name is in the map, or else adds it.
func (set *NameSet) mapped(name string) bool {
	before := len(set.byName)
	set.byName[name] = struct{}{}
	return len(set.byName) == before
}

// content returns the content of the string that begins at start.
func content(text string, start int32) string {
	return text[start : EndOfString(text, int(start)-1)-1]
}

// hash is the same for all spellings of a name: it runs over its bytes after unescaping, eight at a time.
func (s *Scanner) hash(name String) uint32 {
	const k = 0x9e3779b97f4a7c15
	var h, word uint64
	n := 0
	if !name.Escaped {
		t, i := s.text, name.Start
		for n = name.End - i; i+8 <= name.End; i += 8 {
			h = (h ^ Load64(t, i)) * k
			h ^= h >> 32
		}
		if rest := uint(name.End - i); i+8 <= len(t) {
			word = Load64(t, i) & (1<<(8*rest) - 1)
		} else {
			for i := name.End - 1; i >= name.End-int(rest); i-- {
				word = word<<8 | uint64(t[i])
			}
		}
	} else {
		var buf [utf8.UTFMax]byte
		for raw := s.Raw(name); len(raw) > 0; {
			r, size := decode(raw)
			raw = raw[size:]
			for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
				word |= uint64(c) << (n & 7 * 8)
				if n++; n&7 == 0 {
					h = (h ^ word) * k
					h ^= h >> 32
					word = 0
				}
			}
		}
	}
	h = (h ^ word ^ uint64(n)<<56) * k
	return uint32(h >> 32)
}

// A Pointer is a JSON Pointer (RFC 6901) to a place in a text.
type Pointer struct {
	Text      string
	Truncated bool // the text stops at the last whole token that fits
}

// MaxPointer is the longest Pointer.Text, in characters: member names may be as long as the body.
const MaxPointer = 100

// Duplicate records the current member as a repeated one.
func (s *Scanner) Duplicate() {
	if s.OK() && len(s.Duplicates) < s.maxDuplicates {
		s.Duplicates = append(s.Duplicates, s.Pointer())
	}
}

// Pointer returns the way to the current member or element.
func (s *Scanner) Pointer() Pointer {
	var buf [4 * MaxPointer]byte
	dst := append(buf[:0], s.base...)
	room := MaxPointer - len(dst)
	for depth := 1; depth <= s.depth; depth++ {
		start := len(dst)
		dst = append(dst, '/')
		room--
		if step := s.step(depth); step < 0 {
			dst = appendInt(dst, int(^step))
			room -= len(dst) - start - 1
		} else {
			dst, room = AppendToken(dst, s.text[step:], room)
		}
		if room < 0 {
			return Pointer{string(dst[:start]), true}
		}
	}
	return Pointer{Text: string(dst)}
}

// AppendToken appends a name as a reference token (RFC 6901 §3): raw is the content of an accepted string, to its end or
// to its closing quote. It stops when room, counted in characters, is used up, and returns what is left of it: below zero
// if the name did not fit.
func AppendToken(dst []byte, raw string, room int) ([]byte, int) {
	for i := 0; i < len(raw) && raw[i] != '"' && room >= 0; room-- {
		r, size := rune(raw[i]), 1
		if r == '\\' || r >= utf8.RuneSelf {
			r, size = decode(raw[i:])
		}
		i += size
		switch r {
		case '~':
			dst = append(dst, "~0"...)
			room--
		case '/':
			dst = append(dst, "~1"...)
			room--
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst, room
}

func appendInt(dst []byte, n int) []byte {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, buf[i:]...)
		}
	}
}
