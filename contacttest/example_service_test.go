package contacttest_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/quick"
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
	s := &contacts{byID: map[contact.ID]*contact.Contact{}}
	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", s)
	contacttest.TestHandler(t, contacttest.Target{
		Handler: mux,
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			r, err := newRow(c)
			if err != nil {
				return nil, err
			}
			stored, err := r.contact()
			s.byID[c.ID] = stored
			return stored, err
		},
		Authorize: func(r *http.Request, scopes ...string) {
			r.Header.Set("X-Scopes", strings.Join(scopes, " "))
		},
	})
}

// A property, for testing/quick: what any contact, patch and stored document have in common.
func TestExampleProperty(t *testing.T) {
	merges := func(c contacttest.AnyContact, p contacttest.AnyPatch, d contacttest.AnyDocument) bool {
		_, _, err := contact.AppendMerge(nil, contacttest.Sample(), p, time.Time{})
		return err == nil && contact.Check(c) == nil && contact.Options{IgnoreUnknown: true}.CheckStored(d) == nil
	}
	if err := quick.Check(merges, nil); err != nil {
		t.Error(err)
	}
}

// A fuzz target: the fuzzer's bytes choose the contact and what is done to it.
func FuzzExample(f *testing.F) {
	contacttest.AddSeeds(f) // or f.Add(seed) for each of Seeds
	f.Fuzz(func(t *testing.T, data []byte) {
		g := contacttest.FromBytes(data)
		before := g.Contact()
		after := g.Edit(before)
		switch g.Choose(3) {
		case 0:
			after = g.Respell(before) // the same contact in other words
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

// Every field by itself: a value that it takes, and a patch for each rule that can be broken in it.
func ExampleRules() {
	g := contacttest.New(rand.New(rand.NewPCG(3, 4)))
	fmt.Println(contacttest.Rules(contact.FieldBirthdate))
	for _, rule := range contacttest.Rules(contact.FieldBirthdate) {
		if rule == contact.RuleRequired {
			continue // an error by Options.Complete alone
		}
		body := g.InvalidPatch(contacttest.Sample(), rule, contact.FieldBirthdate)
		_, _, err := contact.AppendMerge(nil, contacttest.Sample(), body, time.Time{})
		errs, ok := err.(contact.Errors)
		if !ok || len(errs) != 1 || errs[0].Rule != rule {
			fmt.Println(rule, err)
		}
	}
	fmt.Println(contact.CheckField(contact.FieldBirthdate, g.Value(contact.FieldBirthdate)))
	// Output:
	// [type date duplicate unknown syntax depth size]
	// <nil>
}

// Every value in every field, for a test that holds one reader against another.
func ExampleSingles() {
	agree := 0
	for patch := range contacttest.Singles() {
		_, err := contact.ParsePatch(patch)
		if (err == nil) == (contact.CheckPatch(patch) == nil) {
			agree++
		}
	}
	fmt.Println(agree > 1000)

	// And bodies with any number of faults.
	for _, seed := range contacttest.Seeds() {
		body := contacttest.FromBytes(seed).Body()
		_, err := contact.Parse(body)
		if (err == nil) != (contact.Check(body) == nil) {
			fmt.Println("Parse and Check differ")
		}
	}
	// Output: true
}

// Nothing that was submitted may be in a log.
func ExampleGen_Marked() {
	g := contacttest.New(rand.New(rand.NewPCG(5, 6)))
	const marker = "7351"
	for range 100 {
		if err := contact.CheckPatch(g.Marked(marker)); err != nil && strings.Contains(err.Error(), marker) {
			fmt.Println(err)
		}
	}
	// Output:
}

// The language-neutral cases on another implementation, which has readers alone.
func TestExampleVectors(t *testing.T) {
	contacttest.CheckVectors(t, func(t *testing.T, v contacttest.Vector) contacttest.Outcome {
		if v.Op != "parse_patch" || v.Options != (contacttest.VectorOptions{}) {
			t.SkipNow() // it has no such operation, and no options
		}
		patch, err := contact.ParsePatch([]byte(v.Body))
		if err == nil {
			return contacttest.Outcome{Result: string(patch.AppendJSON(nil))}
		}
		var out contacttest.Outcome
		for _, e := range err.(contact.Errors) {
			out.Errors = append(out.Errors, contacttest.VectorError{
				Rule: string(e.Rule), Pointer: e.Pointer, Code: string(e.Code), Suggestion: e.Meta.Suggestion,
				Offset: e.Meta.Offset, PointerTruncated: e.Meta.PointerTruncated,
			})
		}
		out.Status = err.(contact.Errors).Status()
		return out
	})
}

// The cases as data: those of merge3, whose conflicts are places in the contact.
func ExampleVectors() {
	all, err := contacttest.Vectors()
	if err != nil {
		fmt.Println(err)
		return
	}
	var last contacttest.VectorConflict
	for _, v := range all {
		for _, conflict := range v.Want.Conflicts {
			last = conflict
		}
	}
	fmt.Println(strings.HasPrefix(last.Pointer, "/"))
	// Output: true
}

// The same bytes make the same body.
func ExampleFromBytes() {
	seed := contacttest.Seeds()[1]
	var g *contacttest.Gen = contacttest.FromBytes(seed)
	fmt.Println(bytes.Equal(g.Body(), contacttest.FromBytes(seed).Body()))
	// Output: true
}
