package contacttest

import (
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"
)

// AnyContact, AnyPatch and AnyDocument are what [Gen.Contact], [Gen.Patch] for
// [Sample], and [Gen.Document] make, as arguments of functions that package
// testing/quick checks.
type (
	AnyContact  []byte
	AnyPatch    []byte
	AnyDocument []byte
)

var _ = []quick.Generator{AnyContact(nil), AnyPatch(nil), AnyDocument(nil)}

// Generate makes a contact; see [quick.Generator].
func (AnyContact) Generate(r *rand.Rand, size int) reflect.Value {
	return reflect.ValueOf(AnyContact(ofSize(r, size).Contact()))
}

// Generate makes a patch; see [quick.Generator].
func (AnyPatch) Generate(r *rand.Rand, size int) reflect.Value {
	return reflect.ValueOf(AnyPatch(ofSize(r, size).Patch(Sample())))
}

// Generate makes a stored contact; see [quick.Generator].
func (AnyDocument) Generate(r *rand.Rand, size int) reflect.Value {
	return reflect.ValueOf(AnyDocument(ofSize(r, size).Document()))
}

// ofSize returns a Gen of so many bytes times ten: a contact takes some hundred.
func ofSize(r *rand.Rand, size int) *Gen {
	data := make([]byte, 10*size)
	r.Read(data)
	return FromBytes(data)
}

// Seeds returns bytes for [FromBytes] to begin fuzzing with: none, some that make
// each kind of change that [Gen.Body] knows, and long ones.
func Seeds() [][]byte {
	seeds := [][]byte{nil, {1, 2, 3}, {2, 1, 0, 1}, {3, 20, 4, 7}}
	for change := range byte(24) {
		seeds = append(seeds, []byte{3, 19, change, 7, 30, change, 9, 33, change, 4})
	}
	r := rand.New(rand.NewSource(7396))
	for range 8 {
		data := make([]byte, 300)
		r.Read(data)
		seeds = append(seeds, data)
	}
	return seeds
}

// AddSeeds adds [Seeds] to the corpus of a fuzz target whose one argument is
// []byte.
func AddSeeds(f *testing.F) {
	for _, data := range Seeds() {
		f.Add(data)
	}
}
