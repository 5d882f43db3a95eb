// Package key computes the two keys under which package tzdb finds a timezone name. It is a package of its own so
// that the generator of tzdb's index and the code that reads the index share it.
package key

// Bits is the width of a Hash: the table it indexes has 1<<Bits slots.
const Bits = 10

// Hash returns the home slot of name in the table. Names that differ only in the case of ASCII letters have the same
// slot. It uses the length, the first byte and the last eight bytes, which is enough to spread the names of tzdb.
func Hash(name string) int {
	n := len(name)
	var w uint64
	if n >= 8 {
		t := name[n-8:]
		w = uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
	} else {
		for i := range n {
			w = w<<8 | uint64(name[i])
		}
	}
	w |= 0x2020202020202020 // folds the case of letters
	if n > 0 {
		w += uint64(n)<<40 + uint64(name[0]|0x20)<<20
	}
	return int(w * 0x9E3779B97F4A7C15 >> (64 - Bits))
}

// Letters returns the set of ASCII letters in name, case ignored: bit 0 for a to bit 25 for z.
func Letters(name string) uint32 {
	var set uint32
	for i := range len(name) {
		if c := (name[i] | 0x20) - 'a'; c < 26 {
			set |= 1 << c
		}
	}
	return set
}
