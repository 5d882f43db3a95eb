package contact_test

import (
	"math/rand/v2"
	"testing"

	"github.com/partner-contacts/contact"
)

// The properties of property_test.go and value_test.go on inputs that the fuzzer makes: it steers the choices of the
// generator by bytes, and writes the texts of meta_public itself.

// bodyWith prints a document with the text as its meta_public, if the text can be one.
func bodyWith(g *dice, doc object, text string) []byte {
	if len(text) > 4<<10 || contact.CheckField(contact.FieldMetaPublic, []byte(text)) != nil {
		return g.printDocument(doc)
	}
	doc = doc.with("meta_public", absent)
	body := `{"meta_public":` + text
	if len(doc) > 0 {
		body += ","
	}
	return append([]byte(body), g.printDocument(doc)[1:]...)
}

func steered(data []byte) *dice {
	return &dice{data: data, rand: rand.New(rand.NewPCG(0, 7396))}
}

var metaSeeds = []string{
	``, `{}`, `{"a":1}`, `{"a":{"b":1}}`, `{"a":null}`, `{"a":{"b":null}}`, `{"a":{}}`, `{"a":[null,{"b":null}]}`, `{"a/b":1,"x~y":2}`,
	`{"\u0061":"\ud83d\ude00","b":"\/"}`, ` { "a" : [ 1 , 1.0 , 1e400 ] } `, `{"a":{"b":{"c":{"d":1}}},"b":[{"c":1,"d":2}]}`,
	`{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16}`,
}

func FuzzMerge(f *testing.F) {
	for i, target := range metaSeeds {
		for j, patch := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, target, patch)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, target, patch string) {
		g := steered(data)
		doc := g.contact()
		now := someTime(g)
		patchDoc := g.patch(doc)
		checkMerge(t, bodyWith(g, doc, target), bodyWith(g, patchDoc, patch), now)
	})
}

func FuzzDiff(f *testing.F) {
	for i, from := range metaSeeds {
		for j, to := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, from, to)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to string) {
		g := steered(data)
		doc := g.contact()
		edited := g.editContact(doc)
		checkDiff(t, bodyWith(g, doc, from), bodyWith(g, edited, to))
	})
}

func FuzzMerge3(f *testing.F) {
	for i, base := range metaSeeds {
		for j, ours := range metaSeeds {
			f.Add([]byte{byte(i), byte(j), 3, 1, 4, 1, 5, 9, 2, 6}, base, ours, metaSeeds[(i+j+1)%len(metaSeeds)])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, base, ours, theirs string) {
		g := steered(data)
		doc := g.contact()
		a, b := g.editContact(doc), g.editContact(doc)
		checkMerge3(t, bodyWith(g, doc, base), bodyWith(g, a, ours), bodyWith(g, b, theirs))
	})
}

func FuzzValues(f *testing.F) {
	for _, s := range valueSeeds {
		f.Add(s)
	}
	f.Fuzz(checkValues)
}
