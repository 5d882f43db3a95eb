package scan

import "unicode/utf8"

// Names is the set of the member names read of one object, compared after unescaping. The first 64 are kept in place;
// from then on the set is a map, which the runtime seeds at random, so that chosen names cannot make it slow.
type Names struct {
	bloom  [4]uint64
	n      int
	hashes [64]uint32
	spans  [64][2]int32
	more   map[string]struct{}
}

// Repeated reports whether name was in the set, and adds it.
func (s *Scanner) Repeated(set *Names, name String) bool {
	raw := s.text[name.Start:name.End]
	if set.more != nil {
		return set.addMore(raw, name.Escaped)
	}
	h := hash(raw, name.Escaped)
	word, bit := h>>6&3, uint64(1)<<(h&63)
	if set.bloom[word]&bit != 0 {
		for i, other := range set.hashes[:set.n] {
			if other == h && EqualStrings(raw, s.text[set.spans[i][0]:set.spans[i][1]]) {
				return true
			}
		}
	}
	if set.n == len(set.spans) {
		set.more = make(map[string]struct{}, 4*set.n)
		for _, at := range set.spans {
			set.addMore(s.text[at[0]:at[1]], true)
		}
		return set.addMore(raw, name.Escaped)
	}
	set.bloom[word] |= bit
	set.hashes[set.n] = h
	set.spans[set.n] = [2]int32{int32(name.Start), int32(name.End)}
	set.n++
	return false
}

func (set *Names) addMore(raw string, escaped bool) bool {
	if escaped {
		raw = Unquote(raw)
	}
	if _, ok := set.more[raw]; ok {
		return true
	}
	set.more[raw] = struct{}{}
	return false
}

// hash is the same for all spellings of a name: it runs over its bytes after unescaping, eight at a time.
func hash(raw string, escaped bool) uint32 {
	const k = 0x9e3779b97f4a7c15
	var h, word uint64
	n := 0
	if !escaped {
		for n = len(raw); len(raw) >= 8; raw = raw[8:] {
			h = (h ^ load64(raw, 0)) * k
			h ^= h >> 32
		}
		for i := len(raw) - 1; i >= 0; i-- {
			word = word<<8 | uint64(raw[i])
		}
	} else {
		var buf [utf8.UTFMax]byte
		for len(raw) > 0 {
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
			dst, room = appendToken(dst, s.text[step:], room)
		}
		if room < 0 {
			return Pointer{string(dst[:start]), true}
		}
	}
	return Pointer{Text: string(dst)}
}

// appendToken appends the name whose content begins raw as a reference token, until its closing quote or until room,
// counted in characters, is below zero.
func appendToken(dst []byte, raw string, room int) ([]byte, int) {
	for i := 0; raw[i] != '"' && room >= 0; room-- {
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
