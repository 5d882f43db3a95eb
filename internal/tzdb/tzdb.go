// Package tzdb knows the names of the IANA time zone database: each Zone and each Link, the
// backward ones included, but not Factory, the placeholder for a machine that nobody has
// configured. It holds names only: no rules, no offsets.
//
// names.go and schema/timezone.schema.json are made together, by the program in gen. go generate does
// not run it: the names are those of a release of tzdb, not of the machine.
package tzdb

import (
	"iter"
	"strings"

	"github.com/partner-contacts/contact/internal/tzdb/key"
)

// maxInput is the length in bytes over which Suggest does not look at a name.
const maxInput = 64

// Has reports whether name is a name of the list, byte for byte.
func Has(name string) bool {
	return name != "" && lookup(name) == name
}

// Suggest returns the name of the list that name was most likely meant to be, or "" if there is
// none. It finds, in this order: a name in the wrong case; one with other separators (blank, '-',
// '.', '+' or '_' for one another); the one name that ends in name after a slash ("Chicago"); a
// near miss, the smallest edit first and then the first in the list. "posix/" and "right/" before a
// name are dropped. Of the near misses by one character, one that would stand beside the input in
// the list goes first: it shares the longest beginning with it, and is found without looking at the
// others.
//
// A near miss is one place where one character was added, left out or replaced or two were swapped;
// in names whose last segment has eight bytes or more, up to two. What looks like an abbreviation
// or an offset has no near miss, as the nearest name would be a false friend: under five bytes or
// with a digit only the case counts, no edit touches a digit, and last segments under four bytes
// are not edited. A name over 64 bytes gets "". Suggest does not allocate.
func Suggest(name string) string {
	if name == "" || len(name) > maxInput {
		return ""
	}
	if listed := lookup(name); listed != "" {
		return listed
	}
	if rest, ok := strings.CutPrefix(name, "posix/"); ok {
		return Suggest(rest)
	}
	if rest, ok := strings.CutPrefix(name, "right/"); ok {
		return Suggest(rest)
	}
	if len(name) < 5 || hasDigit(name) {
		return ""
	}
	var (
		wanted = key.Letters(name)
		best   string
		cost   = tooFar
		whole  string // the name that ends in the input
		wholes int
	)
	place := search(name)
	for _, i := range [...]int{place - 1, place} {
		if i >= 0 && i < len(lengthAndLetters) && distance(name, at(i)) <= 1 {
			return at(i)
		}
	}
	for i, l := range lengthAndLetters[:] {
		// An edit of two characters changes two letters on either side at most; a name that ends in
		// the input has all of its letters and any others.
		missing, extra := wanted&^l, l&(1<<26-1)&^wanted
		if overTwo(missing) || missing != 0 && overTwo(extra) {
			continue
		}
		longer := int(l>>26) - len(name)
		if longer > 0 && endsIn(at(i), name) {
			whole = at(i)
			wholes++
		}
		if longer < -2 || longer > 2 {
			continue
		}
		if c := distance(name, at(i)); c < cost {
			best, cost = at(i), c
		}
	}
	if wholes == 1 && cost > 0 {
		return whole
	}
	return best
}

// All returns the names in the order of their bytes.
func All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(lengthAndLetters) {
			if !yield(at(i)) {
				return
			}
		}
	}
}

// search returns the index at which name would stand in the list.
func search(name string) int {
	from, to := 0, len(lengthAndLetters)
	for from < to {
		if mid := (from + to) / 2; at(mid) < name {
			from = mid + 1
		} else {
			to = mid
		}
	}
	return from
}

// at returns the name of index i.
func at(i int) string {
	return names[offsets[i] : offsets[i+1]-1]
}

// lookup returns the name of the list that equals name but for the case of its letters, or "".
func lookup(name string) string {
	for slot := key.Hash(name); ; slot++ {
		i := int(slots[slot%len(slots)])
		if i == 0 {
			return ""
		}
		if listed := at(i - 1); len(listed) == len(name) && (listed == name || equalFold(listed, name)) {
			return listed
		}
	}
}

// equalFold compares strings of equal length, ignoring the case of ASCII letters.
func equalFold(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// alike compares two bytes, ignoring the case of letters and which separator stands inside a
// segment.
func alike(a, b byte) bool {
	return a == b || loose(a) == loose(b)
}

func loose(c byte) byte {
	switch c {
	case ' ', '-', '.', '+':
		return '_'
	}
	return lower(c)
}

// overTwo reports whether set has more than two members.
func overTwo(set uint32) bool {
	set &= set - 1
	return set&(set-1) != 0
}

// endsIn reports whether the listed name is longer than tail and ends in it, loosely, after a
// slash.
func endsIn(listed, tail string) bool {
	start := len(listed) - len(tail)
	if listed[start-1] != '/' {
		return false
	}
	for i := range len(tail) {
		if !alike(listed[start+i], tail[i]) {
			return false
		}
	}
	return true
}

// tooFar is the distance of names that no edit of Suggest connects.
const tooFar = 3

// distance counts the characters of the edit between what came in, which has no digit, and a listed
// name.
func distance(in, listed string) int {
	from, shorter := 0, min(len(in), len(listed))
	for from < shorter && alike(in[from], listed[from]) {
		from++
	}
	a, b := in[from:], listed[from:]
	for a != "" && b != "" && alike(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	edited := max(characters(a), len(b))
	if edited == 0 {
		return 0
	}
	if edited > 2 || hasDigit(b) {
		return tooFar
	}
	segment := min(lastSegment(in), lastSegment(listed))
	if segment < 4 {
		return tooFar
	}
	if len(a) == 2 && len(b) == 2 && alike(a[0], b[1]) && alike(a[1], b[0]) {
		return 1
	}
	if edited == 2 && segment < 8 {
		return tooFar
	}
	return edited
}

// characters counts the UTF-8 sequences in s, so that an accented letter is one character.
func characters(s string) int {
	n := 0
	for i := range len(s) {
		if s[i]&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// lastSegment returns the length in bytes of what follows the last slash.
func lastSegment(name string) int {
	return len(name) - 1 - strings.LastIndexByte(name, '/')
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if s[i]-'0' < 10 {
			return true
		}
	}
	return false
}
