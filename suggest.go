package contact

import "strings"

// longestGuess is the length in bytes over which a name is not looked at: no field is near it.
const longestGuess = 64

// suggestField returns the name of the field that name was most likely meant to be, or "": the one
// that differs only in case and separators, or the first of those that differ least, or the same
// for its words the other way around, as in first_name.
func suggestField(name string) string {
	const least = 3
	if len(name) > longestGuess {
		return ""
	}
	for name != "" && isSeparator(name[0]) {
		name = name[1:]
	}
	for name != "" && isSeparator(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	best, cost, have := "", least, shapeOf(name)
	for f := range fieldCount {
		// What differs is at least as long as what one of the two has more than the other, and where they begin and end
		// in different ways it is everything.
		s := fieldShapes[f]
		if have.letters >= s.letters+cost || s.letters >= have.letters+cost || have.first != s.first && have.last != s.last {
			continue
		}
		if c := editCost(name, f.String(), cost); c < cost {
			best, cost = f.String(), c
		}
	}
	if first, second, ok := strings.Cut(name, "_"); ok && best == "" {
		swapped := second + "_" + first
		for f := range fieldCount {
			if editCost(swapped, f.String(), 1) == 0 {
				return f.String()
			}
		}
	}
	return best
}

// editCost returns how much a and b differ: 0 if only in case and separators, else the length of the one stretch in
// which they do, two swapped characters counting as one. It returns most if that is not below it, or not below the
// length of what is alike.
func editCost(a, b string, most int) int {
	i, j, alike := 0, 0, 0
	for {
		for i < len(a) && isSeparator(a[i]) {
			i++
		}
		for j < len(b) && isSeparator(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) || a[i]|0x20 != b[j]|0x20 {
			break
		}
		i, j, alike = i+1, j+1, alike+1
	}
	a, b = a[i:], b[j:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1]|0x20 == b[len(b)-1]|0x20 {
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

// A shape tells at a glance that two names are not near each other.
type shape struct {
	letters     int  // characters that are no separators
	first, last byte // in lower case
}

func shapeOf(name string) (s shape) {
	for i := range len(name) {
		if !isSeparator(name[i]) {
			s.letters++
		}
	}
	if name != "" {
		s.first, s.last = name[0]|0x20, name[len(name)-1]|0x20
	}
	return s
}

var fieldShapes = func() (shapes [fieldCount]shape) {
	for f := range fieldCount {
		shapes[f] = shapeOf(f.String())
	}
	return shapes
}()

func isSeparator(c byte) bool { return c == '_' || c == '-' || c == '.' || c == ' ' }
