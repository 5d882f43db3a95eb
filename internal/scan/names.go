package scan

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// A NameSet is the set of member names read in one object, compared after unescaping. It holds up to
// 64 names in two arrays and more in a hash table. The hash is not seeded, so an attacker can choose
// names that collide. If two names have the same hash, or a name is far from its slot, the set becomes
// a map, which the runtime seeds at random.
type NameSet struct {
	bloom  uint64
	n      int
	hashes [64]uint32
	starts [64]int32 // offsets of their contents in the text
	large  *largeSet // if not nil, used in place of the other fields
}

// Repeated reports whether name is in the set. If not, it adds it.
func (s *Scanner) Repeated(set *NameSet, name String) bool {
	h := s.hash(name)
	switch {
	case set.large == nil:
	case Small || set.large.byName != nil:
		return set.large.mapped(s.Unquoted(name))
	default:
		return s.repeatedInTable(set.large, h, name)
	}
	// The highest bits of the hash depend on all bytes of the name.
	if bit := uint64(1) << (h >> 26); set.bloom&bit == 0 {
		set.bloom |= bit
	} else if i := slices.Index(set.hashes[:set.n], h); i >= 0 {
		if EqualStrings(s.Raw(name), content(s.text, set.starts[i])) {
			return true
		}
		return s.repeatedInMap(set, name)
	}
	if set.n == len(set.starts) {
		if Small {
			return s.repeatedInMap(set, name)
		}
		set.large = set.toTable()
		return s.repeatedInTable(set.large, h, name)
	}
	set.hashes[set.n], set.starts[set.n] = h, int32(name.Start)
	set.n++
	return false
}

// A largeSet is a set of names in a hash table with open addressing, or in a map if names collide. An
// entry of the table is the hash in the high 32 bits and the offset of the name's content in the low
// ones; 0 is an empty slot. The length is a power of two, and at most half of the slots are in use.
type largeSet struct {
	n      int
	table  []uint64
	byName map[string]struct{}
}

// maxProbe is the maximum number of slots examined for a name.
const maxProbe = 32

// repeatedInMap moves the set to a map before it goes on.
func (s *Scanner) repeatedInMap(set *NameSet, name String) bool {
	set.large = &largeSet{byName: make(map[string]struct{}, 2*set.n)}
	for _, start := range set.starts[:set.n] {
		set.large.mapped(Unquote(content(s.text, start)))
	}
	return set.large.mapped(s.Unquoted(name))
}

// toTable returns a table of the names in a full set.
func (set *NameSet) toTable() *largeSet {
	large := &largeSet{n: set.n, table: make([]uint64, 8*len(set.starts))}
	for i, h := range set.hashes {
		insert(large.table, uint64(h)<<32|uint64(set.starts[i]))
	}
	return large
}

// slot returns the index of the first slot for a name with hash h.
func slot(table []uint64, h uint32) int {
	return int(h >> bits.LeadingZeros32(uint32(len(table)-1)))
}

// insert adds an entry, which must not be in the table.
func insert(table []uint64, entry uint64) {
	last := len(table) - 1
	i := slot(table, uint32(entry>>32))
	for table[i&last] != 0 {
		i++
	}
	table[i&last] = entry
}

// repeatedInTable is Repeated for a largeSet with a table.
func (s *Scanner) repeatedInTable(set *largeSet, h uint32, name String) bool {
	first, last := slot(set.table, h), len(set.table)-1
	for i := range maxProbe {
		entry := &set.table[(first+i)&last]
		if *entry == 0 {
			*entry = uint64(h)<<32 | uint64(name.Start)
			if set.n++; 2*set.n > len(set.table) {
				set.grow()
			}
			return false
		}
		if uint32(*entry>>32) == h && EqualStrings(s.Raw(name), content(s.text, int32(*entry))) {
			return true
		}
	}
	set.byName = make(map[string]struct{}, 2*set.n)
	for _, entry := range set.table {
		if entry != 0 {
			set.mapped(Unquote(content(s.text, int32(entry))))
		}
	}
	set.table = nil
	return set.mapped(s.Unquoted(name))
}

// grow makes the table four times as large.
func (set *largeSet) grow() {
	larger := make([]uint64, 4*len(set.table))
	for _, entry := range set.table {
		if entry != 0 {
			insert(larger, entry)
		}
	}
	set.table = larger
}

// mapped reports whether name is in the map. If not, it adds it.
func (set *largeSet) mapped(name string) bool {
	before := len(set.byName)
	set.byName[name] = struct{}{}
	return len(set.byName) == before
}

// content returns the content of the string that begins at start.
func content(text string, start int32) string {
	return text[start : EndOfString(text, int(start)-1)-1]
}

// hash returns the hash of a name after unescaping, so all spellings of a name have the same one. It
// takes eight bytes at a time.
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
