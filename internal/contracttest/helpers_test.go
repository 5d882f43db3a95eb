package contracttest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

func newMaker(seed uint64) *maker {
	return &maker{contacttest.New(rand.New(rand.NewPCG(seed, 7396)))}
}

// random runs a check on many random cases, beside other tests.
func random(t *testing.T, check func(t *testing.T, g *maker)) {
	t.Parallel()
	for seed := range uint64(rounds(1000)) {
		check(t, newMaker(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func pointer[T any](v T) *T { return &v }

// checkTimezone returns the error of CheckField for a timezone in quotes.
func checkTimezone(name string) error {
	return contact.Options{}.CheckField(contact.FieldTimezone, must(json.Marshal(name)))
}

// clearedBy returns the fields that are null in the patch.
func clearedBy(p *contact.Patch) (set contact.FieldSet) {
	for f := range p.Fields().All() {
		if v, _ := p.Get(f); v == nil {
			set |= contact.FieldsOf(f)
		}
	}
	return set
}

// rounds returns the number of rounds of a test that has n of them, or a twentieth with -short.
func rounds(n int) int {
	if testing.Short() {
		return n / 20
	}
	return n
}
