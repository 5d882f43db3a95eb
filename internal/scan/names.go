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

// hash is the same for all spellings of a name: it runs over its bytes after unescaping, eight at a
// time.
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
