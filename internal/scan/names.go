package scan

import "unicode/utf8"

// few is the number of names in fewNames. Most objects have no more members.
const few = 8

// fewNames is the set of the first names of an object: small, since every object has to make one.
type fewNames struct {
	n      int
	hashes [few]uint32
	starts [few]int32
}

// repeatedOfFew reports whether name was in the set, which is not full, or else adds it.
func (s *Scanner) repeatedOfFew(set *fewNames, name String) bool {
	h := s.hash(name)
	for i, other := range set.hashes[:set.n] {
		if other == h && EqualStrings(s.Raw(name), content(s.text, set.starts[i])) {
			return true
		}
	}
	set.hashes[set.n], set.starts[set.n] = h, int32(name.Start)
	set.n++
	return false
}

// Names is the set of the member names read of one object, compared after unescaping.
type Names struct {
	bloom  [4]uint64
	n      int
	hashes [64]uint32
	starts [64]int32 // where their contents stand in the text
	many   *table    // when there are more
}

// Repeated reports whether name was in the set, or else adds it.
func (s *Scanner) Repeated(set *Names, name String) bool {
	at := int32(name.Start)
	h := s.hash(name)
	if set.many != nil {
		return set.many.repeated(s.text, h, at)
	}
	if set.bloom[h>>6&3]>>(h&63)&1 != 0 {
		for i, other := range set.hashes[:set.n] {
			if other == h && EqualStrings(s.Raw(name), content(s.text, set.starts[i])) {
				return true
			}
		}
	}
	if set.n == len(set.starts) {
		set.many = new(table)
		for i, h := range set.hashes {
			set.many.repeated(s.text, h, set.starts[i])
		}
		return set.many.repeated(s.text, h, at)
	}
	set.add(h, at)
	return false
}

// add adds a name that is not in the set, which has room for it.
func (set *Names) add(h uint32, at int32) {
	set.bloom[h>>6&3] |= 1 << (h & 63)
	set.hashes[set.n], set.starts[set.n] = h, at
	set.n++
}

// content returns the content of the string that begins at start.
func content(text string, start int32) string {
	return text[start : endOfString(text, int(start)-1)-1]
}

// A table is a set of many names: a hash table with linear probing. Its hash has no secret, so names can be chosen that
// collide; when there are more collisions than chance explains, a map takes over, which the runtime seeds at random.
type table struct {
	hashes     []uint32
	starts     []int32
	slots      []int32 // 1 + an index into both; a power of two of them, at least half of them 0
	collisions int
	byName     map[string]struct{}
}

func (t *table) repeated(text string, h uint32, at int32) bool {
	if t.byName != nil {
		return t.mapped(Unquote(content(text, at)))
	}
	if 2*len(t.starts) >= len(t.slots) {
		t.slots = make([]int32, max(256, 2*len(t.slots)))
		for i, h := range t.hashes {
			t.slots[t.free(h)] = int32(i + 1)
		}
	}
	mask := uint32(len(t.slots) - 1)
	slot := h & mask
	for ; t.slots[slot] != 0; slot = (slot + 1) & mask {
		if i := t.slots[slot] - 1; t.hashes[i] == h && EqualStrings(content(text, at), content(text, t.starts[i])) {
			return true
		}
		t.collisions++
	}
	t.slots[slot] = int32(len(t.starts) + 1)
	t.hashes, t.starts = append(t.hashes, h), append(t.starts, at)
	if t.collisions > 1000+8*len(t.starts) {
		t.byName = make(map[string]struct{}, 2*len(t.starts))
		for _, at := range t.starts {
			t.mapped(Unquote(content(text, at)))
		}
	}
	return false
}

// free returns the slot for a hash that is not in the table yet.
func (t *table) free(h uint32) uint32 {
	mask := uint32(len(t.slots) - 1)
	slot := h & mask
	for t.slots[slot] != 0 {
		slot = (slot + 1) & mask
	}
	return slot
}

func (t *table) mapped(name string) bool {
	_, ok := t.byName[name]
	t.byName[name] = struct{}{}
	return ok
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
