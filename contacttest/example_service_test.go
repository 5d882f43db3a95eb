package contacttest_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

// What a service's own tests look like. A row is its code under test: a contact as its database has
// it, in which a name takes 20 bytes at most.
type row struct {
	document []byte
}

func newRow(c *contact.Contact) (*row, error) {
	if c.NameFirst != nil && len(*c.NameFirst) > 20 {
		return nil, contacttest.ErrNotStored
	}
	return &row{c.AppendJSON(nil)}, nil
}

func (r *row) contact() (*contact.Contact, error) { return contact.ParseStored(r.document) }

// The contract, on the service's handler.
func TestExampleHandler(t *testing.T) {
	s := &contacts{documents: map[contact.ID][]byte{}}
	contacttest.TestHandler(t, contacttest.Target{
		Handler: routes(s),
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			r, err := newRow(c)
			if err != nil {
				return nil, err
			}
			s.documents[c.ID] = r.document
			return r.contact()
		},
		Authorize: func(r *http.Request, scopes ...string) {
			r.Header.Set("X-Scopes", strings.Join(scopes, " "))
		},
	})
}

// A fuzz target: the fuzzer's bytes choose the contact and what is done to it.
func FuzzExample(f *testing.F) {
	contacttest.AddSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		g := contacttest.FromBytes(data)
		before := g.Contact()
		after := g.Edit(before)
		switch g.Choose(3) {
		case 0:
			after = g.Reformat(before) // the same contact in other words
		case 1:
			before = g.Document() // as a later version of the service may have left it
			patch := g.Patch(before)
			var err error
			if after, _, err = contact.AppendMerge(nil, before, patch, time.Time{}); err != nil {
				t.Fatalf("%s of %s: %v", patch, before, err)
			}
		}
		if _, err := contact.ParseStored(after); err != nil {
			t.Errorf("%s: %v", after, err)
		}
	})
}

// A patch for a rule that can be broken in a field, and a value that the field takes.
func ExampleGen_InvalidPatch() {
	g := contacttest.New(rand.New(rand.NewPCG(3, 4)))
	for _, rule := range []contact.Rule{contact.RuleType, contact.RuleDate, contact.RuleUUID} {
		body := g.InvalidPatch(contacttest.Sample(), rule, contact.FieldBirthdate)
		if body == nil {
			fmt.Println("none for", rule)
			continue
		}
		_, _, err := contact.AppendMerge(nil, contacttest.Sample(), body, time.Time{})
		for _, e := range err.(contact.Errors) {
			fmt.Println(e.Rule, e.Pointer)
		}
	}
	fmt.Println(contact.Options{}.CheckField(contact.FieldBirthdate, g.Value(contact.FieldBirthdate)))
	// Output:
	// type /birthdate
	// date /birthdate
	// none for uuid
	// <nil>
}

// Bodies with any number of faults, for a test that compares one reader with another.
func ExampleGen_Body() {
	g := contacttest.New(rand.New(rand.NewPCG(1, 2)))
	agree := 0
	for range 100 {
		body := g.Body()
		_, err := contact.Parse(body)
		if (err == nil) == (contact.Check(body) == nil) {
			agree++
		}
	}
	fmt.Println(agree)
	// Output: 100
}

// Nothing that was submitted may be in a log.
func ExampleGen_WithMarker() {
	g := contacttest.New(rand.New(rand.NewPCG(5, 6)))
	const marker = "7351"
	for range 100 {
		if err := contact.CheckPatch(g.WithMarker(marker)); err != nil && strings.Contains(err.Error(), marker) {
			fmt.Println(err)
		}
	}
	// Output:
}

// The same bytes make the same body.
func ExampleFromBytes() {
	seed := []byte{3, 20, 4, 7}
	var g *contacttest.Gen = contacttest.FromBytes(seed)
	fmt.Println(bytes.Equal(g.Body(), contacttest.FromBytes(seed).Body()))
	// Output: true
}
