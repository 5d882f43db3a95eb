// Package tzdb has the names of the IANA time zone database: each Zone and each Link, including those
// of the file backward. Factory, the placeholder for an unconfigured machine, is left out. The package
// has names only, no rules and no offsets.
//
// The program in gen writes names.go and schema/timezone.schema.json. go generate does not run it,
// because the names are those of a release of tzdb, not of the machine.
package tzdb

import (
	"iter"
	"sort"
	"strings"

	"github.com/partner-contacts/contact/internal/tzdb/key"
)

// maxInput is the maximum length in bytes of a name for Suggest.
const maxInput = 64

// Has reports whether name is a name of the list, byte for byte.
func Has(name string) bool {
	return name != "" && lookup(name) == name
}

// Suggest returns the name of the list that name was most likely meant to be, or "" if there is
// none. It drops a prefix "posix/" or "right/" and looks for, in this order:
//
//   - a name that differs only in case;
//   - a name that also differs in separators (blank, '-', '.', '+' and '_' are equivalent);
//   - the only name that ends in a slash and the input, as America/Chicago for "Chicago";
//   - the nearest name by edits, and of several at one distance the first in the list. At a distance
//     of one edit a neighbor of the input in the list goes first: it shares the longest prefix.
//
// One edit adds, removes or replaces one character, or swaps two. In names whose last segment has
// eight bytes or more, two edits at one place are allowed. No edit touches a digit or a last segment
// under four bytes. An input under five bytes or with a digit is probably an abbreviation or an
// offset, and the nearest name would be misleading, so only its case may differ. For a name over 64
// bytes Suggest returns "". Suggest does not allocate.
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
		// Two edits change at most two letters on either side. A name that ends in the input has all of
		// the input's letters and any others.
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

// search returns the index at which name would be in the list.
func search(name string) int {
	return sort.Search(len(lengthAndLetters), func(i int) bool { return at(i) >= name })
}

// at returns the name at index i.
func at(i int) string {
	return names[offsets[i] : offsets[i+1]-1]
}

// lookup returns the name of the list that equals name, ignoring case, or "".
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

// alike reports whether two bytes are equal, ignoring the case of letters and treating separators
// inside a segment as equal.
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

// endsIn reports whether the listed name, which must be longer than tail, ends in a slash and tail.
// Bytes are compared with alike.
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

// tooFar is the distance of names that differ by more than Suggest allows.
const tooFar = 3

// distance returns the number of edited characters between the input, which has no digit, and a
// listed name.
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

// lastSegment returns the length in bytes of the segment after the last slash.
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
