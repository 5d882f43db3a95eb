package contact

import "strings"

// longestGuess is the length in bytes over which a name is not looked at: no field is near it.
const longestGuess = 64

// suggestField returns the name of the field that name was most likely meant to be, or "": the one
// that differs only in case and separators, or the first of those that differ least, or the same
// for its words the other way around, as in first_name.
func suggestField(name string) string {
	if len(name) > longestGuess {
		return ""
	}
	name = strings.TrimFunc(name, isSeparator)
	if name == "" {
		return ""
	}
	first, last := name[0]|0x20, name[len(name)-1]|0x20
	best, cost := "", 3
	for i := range fields {
		// Names that neither begin nor end alike are not near each other.
		f := &fields[i]
		if f.name[0] != first && f.name[len(f.name)-1] != last {
			continue
		}
		if c := editCost(name, f.name, cost); c < cost {
			best, cost = f.name, c
		}
	}
	before, after, ok := strings.Cut(name, "_")
	if best != "" || !ok {
		return best
	}
	swapped := after + "_" + before
	for _, f := range fields {
		if editCost(swapped, f.name, 1) == 0 {
			return f.name
		}
	}
	return ""
}

// editCost returns how much a and b differ: 0 if only in case and separators, else the length of
// the one stretch in which they do, two swapped characters counting as one. It returns most if that
// is not below it, or not below the length of the common part.
func editCost(a, b string, most int) int {
	a, b, alike := cutAlike(a, b)
	for a != "" && b != "" && a[len(a)-1]|0x20 == b[len(b)-1]|0x20 {
		a, b, alike = a[:len(a)-1], b[:len(b)-1], alike+1
	}
	cost := max(len(a), len(b))
	if len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0] {
		cost = 1
	}
	if cost < min(most, alike) {
		return cost
	}
	return most
}

// cutAlike cuts off the common prefix of both texts, ignoring case and separators, and returns its
// length in characters.
func cutAlike(a, b string) (restA, restB string, alike int) {
	for {
		for a != "" && isSeparator(rune(a[0])) {
			a = a[1:]
		}
		for b != "" && isSeparator(rune(b[0])) {
			b = b[1:]
		}
		if a == "" || b == "" || a[0]|0x20 != b[0]|0x20 {
			return a, b, alike
		}
		a, b, alike = a[1:], b[1:], alike+1
	}
}

func isSeparator(c rune) bool { return c == '_' || c == '-' || c == '.' || c == ' ' }
