package contacttest_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

// Any contact and any patch that Merge takes, from a seed or from a fuzzer's bytes.
func Example() {
	g := contacttest.New(rand.New(rand.NewPCG(1, 2)))
	document := g.Contact()
	body := g.Patch(document)
	_, _, err := contact.AppendMerge(nil, document, body, contact.Contact{}.UpdatedAt)
	fmt.Println(err)

	// A patch that is wrong in exactly one way.
	wrong := g.InvalidPatch(document, contact.RuleDate, contact.FieldBirthdate)
	fmt.Println(contact.CheckPatch(wrong))
	// Output:
	// <nil>
	// contact: /birthdate: Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.
}
