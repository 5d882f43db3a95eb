package contact_test

import (
	"errors"
	"fmt"

	"github.com/partner-contacts/contact"
)

// Texts in another language are looked up by the key; what differs from error to error is in Meta.
func ExampleError_Key() {
	for _, body := range []string{`{"sms_opted_in":1}`, `{"city":"Oslo"`, `{"team_id":null}`} {
		var errs contact.Errors
		if errors.As(contact.CheckPatch([]byte(body)), &errs) {
			fmt.Println(errs[0].Key())
		}
	}
	// Output:
	// type.boolean
	// syntax.end
	// null
}
