package contacttest

import (
	"math/rand"
	"testing"
)

// seeds returns the inputs that AddSeeds adds.
func seeds() [][]byte {
	all := [][]byte{nil, {1, 2, 3}, {2, 1, 0, 1}, {3, 20, 4, 7}}
	for change := range byte(24) {
		all = append(all, []byte{3, 19, change, 7, 30, change, 9, 33, change, 4})
	}
	r := rand.New(rand.NewSource(7396))
	for range 8 {
		data := make([]byte, 300)
		r.Read(data)
		all = append(all, data)
	}
	return all
}

// AddSeeds adds inputs for [FromBytes] to the corpus of a fuzz target whose only argument is a []byte:
// an empty one, one or more for each kind of change of [Gen.Body], and long ones.
func AddSeeds(f *testing.F) {
	for _, data := range seeds() {
		f.Add(data)
	}
}
